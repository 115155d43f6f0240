import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { askDaemon } from '../../../daemon/cli/ask-daemon.js';
import type { BedInfo } from '../../../daemon/protocol/messages.js';
import { buildEdf } from '../../fixtures/edf/build.js';
import { Authority } from './certificates.js';
import { startGuardedDaemon } from './guarded-daemon.js';

t.setTimeout(180_000);

const PYTHON = '/usr/bin/python3';
const run = promisify(execFile);
const hasPython = await run(PYTHON, ['-c', 'import mne, msgpack, websockets']).then(
  () => true,
  () => false,
);
if (process.env['CI'] === 'true') t.ok(hasPython, 'nothing is skipped here');
const skip = !hasPython && 'no python3 with mne, msgpack and websockets';

t.test('the Python example pushes over TLS with a token of role push, and with no other', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-push-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const authority = new Authority(join(folder, 'authority'));
  const { url, tokens, daemon } = await startGuardedDaemon(t, { tls: authority.issue('board') });
  // A pusher may come before its bed has begun; here it need not wait for it.
  await daemon.printed(/Open the board/, 90_000);
  const recording = join(folder, 'recording.edf');
  const signals = ['F7', 'T7'].map((label) => ({ label: `EEG ${label}`, samplesPerRecord: 256 }));
  writeFileSync(recording, buildEdf({ nRecords: 10, signals }));
  const push = (token: string, how: 'file' | 'environment'): Promise<{ readonly stdout: string }> => {
    const file = join(folder, 'token');
    writeFileSync(file, `${token}\n`);
    const to = ['--url', url.replace(/^http/, 'ws').replace(/\/$/, ''), '--bed', 'pushed', '--speed', '0'];
    const access = ['--ca', authority.ca, ...(how === 'file' ? ['--token-file', file] : [])];
    return run(PYTHON, ['daemon/client/python/push_recording.py', recording, ...to, ...access], {
      env: { ...process.env, CHIRPD_TOKEN: how === 'environment' ? token : '' },
    });
  };
  const refusal = (token: string, how: 'file' | 'environment'): Promise<string> =>
    push(token, how).then(
      () => '',
      (error: unknown) => (error as { stderr: string }).stderr,
    );
  t.match(await refusal(tokens.administer, 'file'), /the daemon refuses the token/);
  t.match(await refusal(`chirpd_${'A'.repeat(43)}`, 'environment'), /the daemon refuses the token/);
  for (const how of ['file', 'environment'] as const) {
    t.equal((await push(tokens.push, how)).stdout, '2560 samples of 2 channels were taken\n', how);
  }
  const { text } = await askDaemon(new URL('/v1/beds', url), {
    ...{ method: 'GET', token: tokens.view, timeoutMs: 10_000 },
    ca: readFileSync(authority.ca, 'utf8'),
  });
  const { beds } = JSON.parse(text) as { readonly beds: readonly BedInfo[] };
  t.match(
    beds.find(({ bed }) => bed === 'pushed'),
    { source: 'push_recording.py', derivations: ['F7', 'T7'], sampleRate: 256 },
  );
});
