import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { z } from 'zod';
import type { StreamItem } from '../../../pipelines/core/signal.js';
import { PEERS_PYTHON, skipWithoutPeers } from '../../adapters/python-peers.js';
import { ORACLE_PYTHON, skipWithoutMne } from '../../adapters/recordings.js';
import { blocks, START_MICROS, streamInfo } from './made-stream.js';
import { contentOf, readFile, record, recordFolder } from './recorded.js';

const readSchema = z.object({
  labels: z.array(z.string()),
  sampleRate: z.number(),
  startSeconds: z.number(),
  annotations: z.array(z.tuple([z.number(), z.number(), z.string()])),
});

const N_SAMPLES = 256 * 40;
/** Never came. */
const GAP = [300, 310] as const;

function session(): readonly StreamItem[] {
  const info = streamInfo();
  return [
    info,
    ...blocks(info, 0, GAP[0]),
    { type: 'gap', firstSample: GAP[0], nSamples: GAP[1] - GAP[0], reason: 'lost-packets' },
    ...blocks(info, GAP[1], N_SAMPLES),
    { type: 'annotation', onsetSeconds: 2.5, durationSeconds: 1.25, text: 'Augen zu – μ' },
    { type: 'annotation', onsetSeconds: 12.345678, durationSeconds: 0, text: 'spike' },
  ];
}

async function compare(t: Test, name: 'mne' | 'pyedflib', python: string): Promise<void> {
  const folder = recordFolder(t);
  const [path = ''] = await record(folder, session());
  const output = join(folder, 'values.f64');
  const result = spawnSync(python, [join(import.meta.dirname, 'read_with_others.py'), name, path, output], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.equal(result.status, 0, 'it opens the file');
  const read = readSchema.parse(JSON.parse(result.stdout));
  t.same(read.labels, ['EEG Fp1', 'EEG F7', 'EEG T7']);
  t.equal(read.sampleRate, 256);
  t.equal(Math.floor(read.startSeconds), Math.floor(START_MICROS / 1e6));

  const raw = readFileSync(output);
  const values = new Float64Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length));
  const { samples } = contentOf(session());
  const nSamples = values.length / 3;
  t.equal(nSamples, N_SAMPLES + 256, 'and a record of what was told after the last sample');
  let nWrong = 0;
  let nMarked = 0;
  samples.forEach((wanted, channel) => {
    wanted.forEach((value, i) => {
      const found = values[channel * nSamples + i] ?? NaN;
      if (i >= GAP[0] && i < GAP[1]) nMarked += found < -187500 ? 1 : 0;
      // It computes in double precision, in another order: that much may differ before the rounding to float32.
      else if (!(value >= Math.fround(found - 1e-7) && value <= Math.fround(found + 1e-7))) nWrong++;
    });
  });
  t.equal(nWrong, 0, 'every sample');
  t.equal(nMarked, 3 * (GAP[1] - GAP[0]), 'the gap lies below the converter');

  const own = (await readFile(path)).content.annotations.map(
    ({ onsetSeconds, durationSeconds, text }) => [onsetSeconds, durationSeconds, text] as const,
  );
  const rounded = (notes: readonly (readonly [number, number, string])[]): string[] =>
    notes.map(([onset, duration, text]) => `${onset.toFixed(5)} ${duration.toFixed(5)} ${text}`).sort();
  t.same(rounded(read.annotations), rounded(own));
  t.equal(own.length, 4);
}

void t.test('MNE-Python finds the same samples and annotations', { skip: skipWithoutMne() }, (t) =>
  compare(t, 'mne', ORACLE_PYTHON),
);

void t.test('EDFlib finds the same samples and annotations', { skip: skipWithoutPeers() }, (t) =>
  compare(t, 'pyedflib', PEERS_PYTHON),
);
