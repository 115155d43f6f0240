import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { connect, from, lastValueFrom, merge, toArray } from 'rxjs';
import t from 'tap';
import { amplitude } from '../../pipelines/amplitude.js';
import { canvas } from '../../pipelines/canvas.js';
import { bandProfile, CANVAS, type ProfileName } from '../../pipelines/core/profile.js';
import type { StreamInfo, StreamItem } from '../../pipelines/core/signal.js';
import { filter } from '../../pipelines/filter.js';
import type { ColumnFrame, Passing } from '../../pipelines/items.js';
import { montage } from '../../pipelines/montage.js';
import { resample } from '../../pipelines/resample.js';
import { spectrogram } from '../../pipelines/spectrogram.js';
import { trends } from '../../pipelines/trends.js';
import { info, Lcg, streamWithGaps, walks } from './support/signals.js';

type Gaps = readonly (readonly [number, number])[];

/** Everything that the chain makes of a stream: columns, trends, canvases and gaps, in order, to the last bit. */
async function outcome(name: ProfileName, stream: readonly StreamItem[]): Promise<string[]> {
  const profile = bandProfile(name);
  const items = await lastValueFrom(
    from(stream).pipe(
      montage('auto'),
      filter({ highpassHz: CANVAS.highpassHz, notchHz: 50 }),
      connect((stream$) => merge(stream$.pipe(amplitude()), stream$.pipe(resample(profile), spectrogram(profile)))),
      trends<ColumnFrame | Passing>(profile),
      canvas(profile),
      toArray(),
    ),
  );
  return items.map((item) => {
    switch (item.type) {
      case 'column':
        return `column ${String(item.column)} ${digest(...item.decibels)}`;
      case 'canvases':
        return `canvases ${String(item.column)} ${digest(item.canvases)}`;
      default:
        return JSON.stringify(item);
    }
  });
}

function digest(...arrays: readonly Float32Array[]): string {
  const hash = createHash('sha256');
  for (const array of arrays) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return hash.digest('base64');
}

async function sameForAllCuts(
  name: ProfileName,
  rate: number,
  seconds: number,
  gaps: Gaps,
  cuts: readonly (() => number)[],
): Promise<{ whole: string[]; outcomes: string[][] }> {
  const streamInfo: StreamInfo = info(['Fp1', 'F7', 'T7', 'P7', 'ECG'], rate);
  const signals = walks(7, 5, Math.floor(seconds * rate));
  for (let i = 2000; i < 2010; i++) signals[1]![i] = NaN;
  const whole = await outcome(
    name,
    streamWithGaps(streamInfo, signals, gaps, () => Infinity),
  );
  const outcomes: string[][] = [];
  for (const cut of cuts) outcomes.push(await outcome(name, streamWithGaps(streamInfo, signals, gaps, cut)));
  return { whole, outcomes };
}

t.test('blocks of 1, 7, 64 and 4096 samples give the same bits', async (t) => {
  const lengths = [1, 7, 64, 4096];
  for (const [name, rate, seconds, gaps] of [
    [
      'slow',
      256,
      45,
      [
        [5000, 700],
        [5800, 3],
      ],
    ],
    ['scalp', 200, 35, [[4444, 1]]],
    ['slow', 173.61, 40, []],
    ['wide', 256, 20, [[3000, 50]]],
    ['fast', 500, 20, [[0, 100]]],
  ] as const) {
    const { whole, outcomes } = await sameForAllCuts(
      name,
      rate,
      seconds,
      gaps,
      lengths.map((length) => () => length),
    );
    t.ok(
      whole.some((line) => line.startsWith('canvases')),
      `${name} at ${String(rate)} Hz makes canvases`,
    );
    outcomes.forEach((found, i) => t.same(found, whole, `${name}, blocks of ${String(lengths[i])}`));
  }
});

t.test('so do blocks of any lengths, whatever is missing', async (t) => {
  const property = fc.asyncProperty(
    fc.constantFrom<[ProfileName, number]>(
      ['slow', 100],
      ['slow', 173.61],
      ['scalp', 128],
      ['slow', 32],
      ['fast', 257.3],
    ),
    fc.nat(),
    fc.integer({ min: 1, max: 400 }),
    fc.array(fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 0, max: 300 })), { maxLength: 5 }),
    async ([name, rate], seed, longest, distances) => {
      let at = 0;
      const gaps = distances.map(([distance, length]): [number, number] => {
        const firstSample = at + distance;
        at = firstSample + length;
        return [firstSample, length];
      });
      const lcg = new Lcg(seed);
      const cut = (): number => 1 + Math.floor(longest * lcg.next());
      const { whole, outcomes } = await sameForAllCuts(name, rate, 4000 / rate, gaps, [cut]);
      return JSON.stringify(outcomes[0]) === JSON.stringify(whole);
    },
  );
  await t.resolves(fc.assert(property, { numRuns: 25 }));
});

t.test('what comes after a gap is what a stream that begins there gives', async (t) => {
  const signals = walks(7, 4, 12000);
  const streamInfo = info(['Fp1', 'F7', 'T7', 'P7'], 256);
  const gapped = await outcome(
    'slow',
    streamWithGaps(streamInfo, signals, [[5000, 777]], () => 100),
  );
  const begun = await outcome(
    'slow',
    streamWithGaps(streamInfo, signals, [[0, 5777]], () => 100),
  );
  const columns = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith('column'));
  const after = columns(begun);
  t.ok(after.length > 30);
  t.same(columns(gapped).slice(-after.length), after);
});
