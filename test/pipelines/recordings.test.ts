import { join } from 'node:path';
import { filter as only, lastValueFrom, toArray } from 'rxjs';
import t from 'tap';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { openAdapter } from '../../adapters/registry.js';
import { bandProfile, CANVAS, columnSeconds } from '../../pipelines/core/profile.js';
import { isSignal, type StreamInfo } from '../../pipelines/core/signal.js';
import { DOUBLE_BANANA, TEN_TWENTY } from '../../pipelines/dsp/doubleBanana.js';
import { filter } from '../../pipelines/filter.js';
import type { ColumnFrame } from '../../pipelines/items.js';
import { montage } from '../../pipelines/montage.js';
import { resample } from '../../pipelines/resample.js';
import { spectrogram } from '../../pipelines/spectrogram.js';
import { RECORDINGS_FOLDER, skipWithoutRecordings } from '../adapters/recordings.js';

const slow = bandProfile('slow');

async function columnsOf(file: string): Promise<{ info: StreamInfo; columns: ColumnFrame[] }> {
  const stream$ = await openAdapter('edf', { path: join(RECORDINGS_FOLDER, file) }, { pacer: fullSpeedPacer() });
  const items = await lastValueFrom(
    stream$.pipe(
      only(isSignal),
      montage('auto'),
      filter({ highpassHz: CANVAS.highpassHz }),
      resample(slow),
      spectrogram(slow),
      toArray(),
    ),
  );
  const info = items.find((item) => item.type === 'info');
  return { info: info!, columns: items.filter((item) => item.type === 'column') };
}

/** Frequency of the strongest row between two frequencies in the column nearest to `seconds`. */
function peakHz(
  columns: readonly ColumnFrame[],
  derivation: number,
  seconds: number,
  band: readonly [number, number],
): number {
  const distance = ({ column }: ColumnFrame): number => Math.abs(columnSeconds(slow, column) - seconds);
  const nearest = columns.reduce((best, column) => (distance(column) < distance(best) ? column : best));
  const rows = nearest.decibels[derivation]!;
  let peak = Math.ceil(band[0] / slow.rowHz);
  for (let row = peak; row * slow.rowHz <= band[1]; row++) if (rows[row]! > rows[peak]!) peak = row;
  return peak * slow.rowHz;
}

t.test(
  'recordings get the montage that fits, and show their ridges where they are',
  {
    skip: skipWithoutRecordings(),
  },
  async (t) => {
    const averages = TEN_TWENTY.map((electrode) => `${electrode}-avg`);
    // Frequencies: peaks of SciPy's spectra of the same 3 s of the unfiltered recordings.
    const cases = [
      {
        file: 'tle500/tle500.edf',
        labels: averages.filter((label) => label !== 'Cz-avg'),
        leftOut: [{ sourceLabel: 'Cz', reason: 'electrode Cz is not recorded' }],
        derivation: 'F7-avg',
        band: [1.5, 9],
        ridge: [
          [364, 2.875],
          [372, 2.125],
          [380, 5.875],
          [410, 4.25],
        ],
      },
      {
        file: 'icu/SZ_sample1.edf',
        labels: averages,
        leftOut: [],
        derivation: 'F8-avg',
        band: [1.5, 9],
        ridge: [
          [24, 3.125],
          [44, 2.75],
        ],
      },
      {
        file: 'chbmit/ictal_chb01_03_2996.edf',
        labels: DOUBLE_BANANA,
        leftOut: [{ sourceLabel: 'P7-T7' }, { sourceLabel: 'FT9-FT10' }],
        derivation: 'F4-C4',
        band: [4, 9],
        ridge: [
          [15, 6.75],
          [23, 5.875],
        ],
      },
    ] as const;
    for (const { file, labels, leftOut, derivation, band, ridge } of cases) {
      const { info, columns } = await columnsOf(file);
      const found = info.channels.map(({ label }) => label);
      t.same(found, labels, file);
      for (const wanted of leftOut) t.ok(info.leftOut.some((entry) => entry.sourceLabel === wanted.sourceLabel));
      for (const [seconds, hz] of ridge) {
        const peak = peakHz(columns, found.indexOf(derivation), seconds, band);
        t.ok(Math.abs(peak - hz) <= 0.25, `${file}, ${String(seconds)} s: ${String(peak)} Hz, wanted ${String(hz)}`);
      }
    }
  },
);
