import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { EXIT } from '../../../daemon/cli/exit-codes.js';
import type { EventMessage, TimelineMessage } from '../../../daemon/protocol/messages.js';
import { Chirpd } from './chirpd.js';

const STOP_LIMIT_MS = 5000;
const ADDRESS = /Open the board: (http:\/\/127\.0\.0\.1:(\d+)\/)\n/;

t.test('without files and config: a demonstration, told as one, that SIGTERM stops', async (t) => {
  const state = t.testdir();
  const daemon = new Chirpd(['run', '--port', '0'], { env: { XDG_STATE_HOME: state, STATE_DIRECTORY: '' } });
  const [, url = ''] = await daemon.printed(ADDRESS);
  t.match(daemon.stdout, /^Demonstration: .*made up/);
  t.ok(daemon.stdout.trimEnd().endsWith(url), 'the address comes last');
  const board = await fetch(url);
  t.equal(board.status, 200);
  t.match(await board.text(), '<html');
  const health = (await (await fetch(`${url}v1/health`)).json()) as { beds: { bed: string; synthetic: boolean }[] };
  t.same(
    health.beds.map(({ bed, synthetic }) => [bed, synthetic]),
    [1, 2, 3, 4].map((n) => [`Demo ${n}`, true]),
  );
  t.same(readdirSync(join(state, 'chirpd')), ['demonstration'], 'made-up signals get a timeline of their own');
  const startedMs = performance.now();
  const { code } = await daemon.end('SIGTERM');
  t.equal(code, EXIT.ok);
  t.ok(performance.now() - startedMs < STOP_LIMIT_MS, 'stopped in time');
});

t.test('SIGINT before the start is through stops it too', async (t) => {
  const daemon = new Chirpd(['run', '--port', '0', '--data', t.testdir()]);
  await daemon.printed(/Timeline open/);
  const startedMs = performance.now();
  const { code, stdout } = await daemon.end('SIGINT');
  t.equal(code, EXIT.ok);
  t.notMatch(stdout, /Open the board/);
  t.ok(performance.now() - startedMs < STOP_LIMIT_MS, 'stopped in time');
});

t.test('--log-json writes one JSON object a line', async (t) => {
  const daemon = new Chirpd(['run', '--port', '0', '--log-json', '--data', t.testdir()]);
  await daemon.printed(ADDRESS);
  const { stderr } = await daemon.end('SIGTERM');
  const lines = stderr.trimEnd().split('\n');
  for (const line of lines) {
    const { time, level, msg } = JSON.parse(line) as Record<string, unknown>;
    t.ok(typeof time === 'string' && typeof level === 'number' && typeof msg === 'string', line);
  }
  t.ok(lines.length > 5);
});

t.test('tail goes on after a daemon was killed and came back, without a hole and without a double', async (t) => {
  const folder = t.testdir({
    'chirpd.yaml': ['A', 'B']
      .map(
        (name, seed) => `  - { name: ${name}, speed: 20, adapter: { kind: synthetic, seed: ${seed}, nChannels: 4 } }`,
      )
      .join('\n')
      .replace(/^/, 'beds:\n'),
  });
  const args = ['run', '--config', join(folder, 'chirpd.yaml'), '--data', join(folder, 'data')];
  const first = new Chirpd([...args, '--port', '0']);
  const [, url = '', port = ''] = await first.printed(ADDRESS);
  const tail = new Chirpd(['tail', url, '--json', '--since', '0']);
  await tail.printed(/"phase":"onset"/);
  await first.end('SIGKILL');
  await tail.printed(/trying again/);
  const nBefore = messagesOf(tail).length;
  const second = new Chirpd([...args, '--port', port]);
  await second.printed(ADDRESS);
  while (messagesOf(tail).filter(isEvent).length < 6 || messagesOf(tail).length < nBefore + 10) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const tailEnd = await tail.end('SIGTERM');
  await second.end('SIGTERM');
  t.equal(tailEnd.code, EXIT.ok);
  const cursors = messagesOf(tail).map(({ cursor }) => cursor);
  t.same(
    cursors,
    cursors.map((_, i) => i + 1),
    'every cursor once, from the first on',
  );
});

function messagesOf({ stdout }: Chirpd): TimelineMessage[] {
  const complete = stdout.slice(0, stdout.lastIndexOf('\n') + 1);
  return complete
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as TimelineMessage);
}

function isEvent(message: TimelineMessage): message is EventMessage {
  return message.type === 'event';
}
