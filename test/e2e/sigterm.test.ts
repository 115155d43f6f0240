import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { CLOSE, SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK, type TimelineMessage } from '../../daemon/protocol/messages.js';
import { until } from '../until.js';
import { BusyBeds } from './busy-beds.js';
import { runArguments } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { readTimeline } from './read-timeline.js';
import { StreamSubscriber } from './stream-subscriber.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(180_000);

const STOP_LIMIT_MS = 5000;

/** Opens the data folder again: everything heard must be there, as it was heard. */
async function checkRestart(t: Test, args: readonly string[], heard: readonly TimelineMessage[]): Promise<void> {
  const daemon = new DaemonProcess(args);
  t.teardown(() => daemon.kill());
  const stored = await readTimeline(await daemon.ready());
  t.notOk(
    stored.some((message) => message.type === 'stream' && message.what !== 'start' && message.what !== 'annotation'),
    'streams go on after a restart: none is said to have ended',
  );
  t.strictSame(stored.slice(0, heard.length), heard, `all ${heard.length} messages heard are in the timeline`);
  daemon.signal('SIGTERM');
  t.equal((await daemon.exited).code, 0);
  t.strictSame(daemon.complaints(), [], 'the restart has nothing to complain of');
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} in a busy replay`, async (t) => {
    const folder = temporaryFolder(t);
    const path = new BusyBeds(folder).config(0, 20);
    const args = runArguments(path, join(folder, 'data'));
    const daemon = new DaemonProcess(args);
    t.teardown(() => daemon.kill());
    const subscribers = [SUBPROTOCOL_MSGPACK, SUBPROTOCOL_JSON] as const;
    const [first, second] = subscribers.map((subprotocol) => new StreamSubscriber(subprotocol));
    const address = await daemon.ready();
    first!.follow(address);
    second!.follow(address);
    t.ok(await first!.until(() => first!.nEvents >= 3, 60_000), 'events are heard');
    const isBusy = !first!.heard.some((message) => message.type === 'stream' && message.what === 'end');
    t.ok(isBusy, 'every bed is still streaming');

    const signalledMs = performance.now();
    daemon.signal(signal);
    const { code } = await daemon.exited;
    const stopMs = performance.now() - signalledMs;
    await Promise.all([first!.closed(), second!.closed()]);
    t.equal(code, 0);
    t.ok(stopMs < STOP_LIMIT_MS, `stopped in ${stopMs.toFixed(0)} ms`);
    t.strictSame(daemon.complaints(), []);
    t.equal(first!.closeCode, CLOSE.goingAway, 'subscribers are told why');
    t.equal(second!.closeCode, CLOSE.goingAway);
    const longer = first!.heard.length >= second!.heard.length ? first! : second!;
    t.strictSame(
      [first!, second!].map(({ heard }) => heard),
      [first!, second!].map(({ heard }) => longer.heard.slice(0, heard.length)),
      'both heard the same',
    );
    await checkRestart(t, args, longer.heard);
  });
}

/** A daemon whose start cannot go on, because the inference process is frozen while it loads the model. */
async function startFrozen(
  t: Test,
  args: readonly string[],
): Promise<{ readonly daemon: DaemonProcess; readonly endFrozen: () => void }> {
  const daemon = new DaemonProcess(args);
  t.teardown(() => daemon.kill());
  const pid = await daemon.nextInferencePid();
  process.kill(pid, 'SIGSTOP');
  const endFrozen = (): void => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // The daemon did it.
    }
  };
  t.teardown(endFrozen);
  // What follows is the model.
  await until(() => daemon.log().some(({ msg }) => msg === 'Board, HTTP and WebSocket ready'), 'the server', 60_000);
  await sleep(300);
  t.notMatch(daemon.stdout, 'Open the board', 'the start is not over');
  return { daemon, endFrozen };
}

t.test('SIGTERM while the model hangs in its start', async (t) => {
  const folder = temporaryFolder(t);
  const path = new BusyBeds(folder).config(0, 20);
  const { daemon } = await startFrozen(t, runArguments(path, join(folder, 'data')));
  const signalledMs = performance.now();
  daemon.signal('SIGTERM');
  const { code } = await daemon.exited;
  const stopMs = performance.now() - signalledMs;
  t.equal(code, 0);
  t.ok(stopMs < STOP_LIMIT_MS, `stopped in ${stopMs.toFixed(0)} ms`);
});

t.test('a second SIGTERM ends a slow stop at once', async (t) => {
  const folder = temporaryFolder(t);
  const path = new BusyBeds(folder).config(0, 20);
  const args = runArguments(path, join(folder, 'data'));
  const { daemon, endFrozen } = await startFrozen(t, args);
  daemon.signal('SIGTERM');
  await sleep(600);
  t.notOk(daemon.hasExited, 'the stop waits for the start that hangs');
  const signalledMs = performance.now();
  daemon.signal('SIGTERM');
  const { code, signal } = await daemon.gone;
  t.ok(performance.now() - signalledMs < 1000);
  t.equal(signal, null);
  t.not(code, 0, 'not everything was stopped in good order');
  endFrozen();
  await daemon.exited;
  await checkRestart(t, args, []);
});
