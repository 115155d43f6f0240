import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { Supervisor } from '../../daemon/supervisor.js';
import type { Part } from '../../daemon/supervisor.js';

function recorder(): { readonly log: string[]; readonly part: (name: string, changes?: Partial<Part>) => Part } {
  const log: string[] = [];
  return {
    log,
    part: (name, changes) => ({
      name,
      start: async (signal) => {
        log.push(`+${name}`);
        await changes?.start?.(signal);
      },
      stop: async () => {
        log.push(`-${name}`);
        await changes?.stop?.();
      },
    }),
  };
}

t.test('starts in order and stops in reverse, once', async (t) => {
  const { log, part } = recorder();
  const supervisor = new Supervisor([part('timeline'), part('server'), part('beds')]);
  await Promise.all([supervisor.start(), supervisor.start()]);
  t.same(await Promise.all([supervisor.stop(), supervisor.stop()]), [{ failures: [] }, { failures: [] }]);
  t.same(log, ['+timeline', '+server', '+beds', '-beds', '-server', '-timeline']);
});

t.test('a part that does not start: those before it are stopped and its error is thrown', async (t) => {
  const { log, part } = recorder();
  const failing = part('server', {
    start: () => {
      throw new Error('port taken');
    },
  });
  const supervisor = new Supervisor([part('timeline'), failing, part('beds')]);
  await t.rejects(supervisor.start(), { message: 'port taken' });
  t.same(log, ['+timeline', '+server', '-server', '-timeline']);
});

t.test('stopped in the middle of starting: no further part is started', async (t) => {
  const { log, part } = recorder();
  const slow = part('model', {
    start: async (signal) => {
      await setTimeout(50);
      log.push(signal.aborted ? 'aborted' : 'on');
    },
  });
  const supervisor = new Supervisor([part('timeline'), slow, part('beds')]);
  const started = supervisor.start();
  await setTimeout(10);
  t.same(await supervisor.stop(), { failures: [] });
  await started;
  t.same(log, ['+timeline', '+model', 'aborted', '-model', '-timeline']);
});

t.test('goes on where a part fails to stop or hangs, within the time limit', async (t) => {
  const { log, part } = recorder();
  const supervisor = new Supervisor(
    [
      part('timeline'),
      part('server', { stop: () => Promise.reject(new Error('stuck socket')) }),
      part('beds', { stop: () => new Promise(() => undefined) }),
    ],
    { stopTimeoutMs: 1000 },
  );
  await supervisor.start();
  const startMs = performance.now();
  const { failures } = await supervisor.stop();
  t.ok(performance.now() - startMs < 1500);
  t.match(failures, [
    { name: 'beds', reason: /not stopped after/ },
    { name: 'server', reason: 'stuck socket' },
  ]);
  t.same(log.slice(3), ['-beds', '-server', '-timeline']);
});

t.test('a part that hangs in its start does not keep the daemon from stopping', async (t) => {
  const { log, part } = recorder();
  const hanging = part('model', { start: () => new Promise(() => undefined) });
  const supervisor = new Supervisor([part('timeline'), hanging], { stopTimeoutMs: 600 });
  void supervisor.start();
  await setTimeout(10);
  const startMs = performance.now();
  await supervisor.stop();
  t.ok(performance.now() - startMs < 1000);
  t.same(log, ['+timeline', '+model', '-model', '-timeline']);
});
