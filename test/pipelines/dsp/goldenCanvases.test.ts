import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { from, lastValueFrom, toArray } from 'rxjs';
import t from 'tap';
import { canvas } from '../../../pipelines/canvas.js';
import { bandProfile, type ProfileName } from '../../../pipelines/core/profile.js';
import type { StreamItem } from '../../../pipelines/core/signal.js';
import type { CanvasStep, ColumnFrame, Passing } from '../../../pipelines/items.js';
import { resample } from '../../../pipelines/resample.js';
import { spectrogram } from '../../../pipelines/spectrogram.js';
import { compare, GOLDEN_FOLDER, readGolden, readGoldenFloats } from '../support/golden.js';
import { block, info, walk } from '../support/signals.js';

interface CanvasGolden {
  readonly seed: number;
  readonly every: number;
  readonly cases: readonly {
    readonly profile: ProfileName;
    readonly rateIn: number;
    readonly seconds: number;
    readonly newest: number;
    readonly lost: readonly [number, number] | null;
  }[];
}

t.test('canvases are those of the training code', async (t) => {
  const { seed, every, cases } = readGolden('canvases.json') as CanvasGolden;
  const wanted = readGoldenFloats('canvases.f32');
  const kept = Math.ceil((128 * 128) / every);
  t.equal(wanted.length, cases.length * kept);
  for (const [index, { profile: name, rateIn, seconds, newest, lost }] of cases.entries()) {
    const profile = bandProfile(name);
    const stream: StreamItem[] = [info(['Cz'], rateIn), block(0, [walk(seed, Math.floor(seconds * rateIn))])];
    const columns = await lastValueFrom(from(stream).pipe(resample(profile), spectrogram(profile), toArray()));
    const left = columns.filter(
      (item) => item.type !== 'column' || lost === null || item.column < lost[0] || item.column >= lost[1],
    );
    const steps = await lastValueFrom(from(left).pipe(canvas<ColumnFrame | Passing>(profile), toArray()));
    const step = steps.find((item): item is CanvasStep => item.type === 'canvases' && item.column === newest);
    const found = step!.canvases.filter((_, i) => i % every === 0);
    const { difference } = compare(found, wanted.subarray(index * kept, (index + 1) * kept));
    t.ok(difference < 1e-4, `${name}, column ${String(newest)}: ${String(difference)} units off`);
  }
});

const python = await pythonWithScipy();
const noPython = 'no python3 with numpy and scipy (apt-get install python3-scipy)';
const skip = python === undefined && process.env['CI'] !== 'true' ? noPython : false;
t.test('the golden vectors are what the training code and SciPy compute now', { skip }, async (t) => {
  if (python === undefined) throw new Error(noPython);
  await t.resolves(promisify(execFile)(python, [`${GOLDEN_FOLDER}make_golden.py`, '--check']));
});

async function pythonWithScipy(): Promise<string | undefined> {
  for (const python of ['python3', '/usr/bin/python3']) {
    const works = await promisify(execFile)(python, ['-c', 'import numpy, scipy.signal, scipy.fft']).then(
      () => true,
      () => false,
    );
    if (works) return python;
  }
  return undefined;
}
