import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import t from 'tap';
import { cytonAdapter } from '../../../adapters/cyton/adapter.js';
import { cytonOptionsSchema } from '../../../adapters/cyton/options.js';
import { fullSpeedPacer } from '../../../adapters/pacer.js';
import { EXIT } from '../../../daemon/cli/exit-codes.js';
import { chirpd, Chirpd } from './chirpd.js';

const RATE = 250;
const SECONDS = 6;

/** A table of two channels at the rate of the board, whose values tell their number. */
function recording(folder: string): string {
  const rows = Array.from({ length: RATE * SECONDS }, (_, n) => `${(n * 4) / 1000},${n / 10 - 50},${50 - n / 10}`);
  const path = join(folder, 'ramp.csv');
  writeFileSync(path, `time,Fp1 (uV),O2 (uV)\n${rows.join('\n')}\n`);
  return path;
}

/** First channel as the adapter hears it, until so many samples or the end. */
async function listen(port: string, nSamples: number): Promise<{ values: number[]; labels: string[]; error: unknown }> {
  const values: number[] = [];
  let labels: string[] = [];
  return new Promise((resolve) => {
    const options = cytonOptionsSchema.parse({
      port,
      channels: [{ label: 'Fp1' }, { label: 'O2' }],
      silenceSeconds: 0.5,
    });
    const subscription = cytonAdapter.open(options, { pacer: fullSpeedPacer() }).subscribe({
      next: (item) => {
        if (item.type === 'info') labels = item.channels.map(({ label }) => label);
        if (item.type === 'block') values.push(...item.samples[0]!);
        if (values.length < nSamples) return;
        subscription.unsubscribe();
        resolve({ values, labels, error: undefined });
      },
      error: (error: unknown) => {
        resolve({ values, labels, error });
      },
    });
  });
}

t.test('plays a recording from its first sample to its last, and ends', async (t) => {
  const folder = t.testdir();
  const link = join(folder, 'port');
  const emulator = new Chirpd(['emulate', 'cyton', recording(folder), '--link', link]);
  await emulator.printed(/port\n/);
  const { values, labels } = await listen(link, Infinity);
  t.same(labels, ['Fp1', 'O2']);
  t.equal(values.length, RATE * SECONDS - 1, 'all but the last packet, behind which nothing came');
  const worst = Math.max(...values.map((value, n) => Math.abs(value - (n / 10 - 50))));
  t.ok(worst < 0.012, `half a count: ${worst}`);
  const { code, stdout, stderr } = await emulator.finished;
  t.equal(code, EXIT.ok, 'it has ended with the recording');
  t.equal(stdout, `${link}\n`, 'the port, and nothing else, for scripts');
  t.match(stderr, /kind: cyton\n\s+port: .*port\n\s+channels:\n\s+- Fp1\n/);
});

t.test('--loop begins again; Ctrl-C ends it; the link is gone', async (t) => {
  const folder = t.testdir();
  const link = join(folder, 'port');
  const emulator = new Chirpd(['emulate', 'cyton', recording(folder), '--link', link, '--loop', '--daisy']);
  await emulator.printed(/port\n/);
  const { values, error } = await listen(link, (RATE * SECONDS) / 2 + 100);
  t.equal(error, undefined);
  t.ok(values.length > (RATE * SECONDS) / 2, 'more than the recording holds');
  const { code } = await emulator.end('SIGINT');
  t.equal(code, EXIT.ok);
  const gone = await listen(link, 1);
  t.match(gone.error, { code: 'ADAPTER_SERIAL_OPEN' });
});

t.test('what cannot be', async (t) => {
  const folder = t.testdir();
  const missing = await chirpd(['emulate', 'cyton', join(folder, 'no.edf')]);
  t.equal(missing.code, EXIT.input);
  t.match(missing.stderr, 'no.edf');
  const noPython = await chirpd(['emulate', 'cyton', recording(folder)], { env: { PATH: folder } });
  t.equal(noPython.code, EXIT.input);
  t.match(noPython.stderr, /python3 is not there .*\[ADAPTER_PSEUDO_TERMINAL\]/);
});
