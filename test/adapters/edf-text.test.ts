import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import t from 'tap';
import { edfAdapter } from '../../adapters/edf/adapter.js';
import { edfOptionsSchema } from '../../adapters/edf/options.js';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import {
  blockLength,
  type Annotation,
  type Gap,
  type SampleBlock,
  type StreamInfo,
} from '../../pipelines/core/signal.js';
import { RECORDINGS_FOLDER, skipWithoutRecordings } from './recordings.js';

const FOLDER = join(RECORDINGS_FOLDER, 'formats/edfreader');

interface Stream {
  readonly info: StreamInfo;
  readonly blocks: readonly SampleBlock[];
  readonly gaps: readonly Gap[];
  readonly annotations: readonly Annotation[];
}

async function readStream(name: string): Promise<Stream> {
  const options = edfOptionsSchema.parse({ path: join(FOLDER, name), channels: 'all' });
  const items = await lastValueFrom(edfAdapter.open(options, { pacer: fullSpeedPacer() }).pipe(toArray()));
  const info = items[0];
  if (info?.type !== 'info') throw new Error('no StreamInfo');
  return {
    info,
    blocks: items.filter((item) => item.type === 'block'),
    gaps: items.filter((item) => item.type === 'gap'),
    annotations: items.filter((item) => item.type === 'annotation'),
  };
}

/** Columns of a data file beside a recording: time, then one per signal. */
function readColumns(name: string): { labels: string[]; rows: number[][] } {
  const labels = readFileSync(join(FOLDER, `${name}_signals.txt`), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => (line.split(',')[1] ?? '').trim());
  const rows = readFileSync(join(FOLDER, `${name}_data.txt`), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number));
  return { labels, rows };
}

/** First value that differs from the text by more than half of its last digit and float32's. */
function firstDifference(
  { info, blocks }: Stream,
  { labels, rows }: ReturnType<typeof readColumns>,
): string | undefined {
  for (const block of blocks) {
    for (let i = 0; i < blockLength(block); i++) {
      const row = rows[block.firstSample + i];
      for (const [channel, { sourceLabel }] of info.channels.entries()) {
        const truth = row?.[labels.indexOf(sourceLabel) + 1] ?? NaN;
        const value = block.samples[channel]?.[i] ?? NaN;
        if (!(Math.abs(value - truth) <= 0.51e-6 + Math.abs(truth) * 2 ** -24)) {
          return `${sourceLabel}, sample ${block.firstSample + i}: ${value}, not ${truth}`;
        }
      }
    }
  }
  return undefined;
}

void t.test('values as the text files beside the recordings', { skip: skipWithoutRecordings() }, async (t) => {
  // The D files are parts of the C files: same generator, same start, records left away.
  for (const [name, whole] of [
    ['edfPlusC.edf', 'edfPlusC'],
    ['bdfPlusC.bdf', 'bdfPlusC'],
    ['edfPlusD.edf', 'edfPlusC'],
    ['bdfPlusD.bdf', 'bdfPlusC'],
  ] as const) {
    const stream = await readStream(name);
    t.equal(stream.info.channels.length, 9, `${name}: all but ECG and pulse`);
    t.equal(firstDifference(stream, readColumns(whole)), undefined, name);
  }
});

void t.test('gaps of EDF+D and BDF+D', { skip: skipWithoutRecordings() }, async (t) => {
  const seconds = (gaps: readonly Gap[]): number[][] =>
    gaps.map(({ firstSample, nSamples }) => [firstSample / 200, nSamples / 200]);
  const edf = await readStream('edfPlusD.edf');
  t.same(seconds(edf.gaps), [
    [1, 1],
    [3, 1],
    [10, 2],
    [13, 2],
    [16, 3],
  ]);
  const bdf = await readStream('bdfPlusD.bdf');
  t.same(seconds(bdf.gaps), [
    [1, 2],
    [4, 1],
    [6, 1],
    [8, 2],
    [12, 1],
    [14, 2],
    [18, 1],
  ]);
  for (const { info, blocks, gaps } of [edf, bdf]) {
    t.ok(gaps.every(({ reason }) => reason === 'recording-gap'));
    const nSamples = [...blocks.map(blockLength), ...gaps.map((gap) => gap.nSamples)].reduce((sum, n) => sum + n, 0);
    t.equal(nSamples, 20 * 200, 'samples and gaps together');
    t.equal(info.nSamplesTotal, nSamples, 'known beforehand');
  }
  const continuous = await readStream('edfPlusC.edf');
  t.same(continuous.gaps, []);
});

void t.test('annotations as the text file beside the recording', { skip: skipWithoutRecordings() }, async (t) => {
  const { annotations, info } = await readStream('edfAnnonC.edf');
  const truth = readFileSync(join(FOLDER, 'edfAnnonC_annotations.txt'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
    // The text counts from the header's second, the stream from its first sample, 0.7 s later.
    .map(([onset, duration, text]) => [(Number(onset) - 0.7).toFixed(6), Number(duration).toFixed(6), text])
    .sort();
  t.same(annotations.map((a) => [a.onsetSeconds.toFixed(6), a.durationSeconds.toFixed(6), a.text]).sort(), truth);
  t.equal(info.startTimeMicros, Date.UTC(2000, 0, 1, 14, 15, 16, 700) * 1000, 'sub-second start');
});
