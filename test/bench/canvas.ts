import { from } from 'rxjs';
import { canvas } from '../../pipelines/canvas.js';
import { canvasPool } from '../../pipelines/core/float32-pool.js';
import { bandProfile, CANVAS } from '../../pipelines/core/profile.js';
import { DOUBLE_BANANA } from '../../pipelines/dsp/doubleBanana.js';
import type { ColumnFrame, Passing } from '../../pipelines/items.js';
import { Lcg, info } from '../pipelines/support/signals.js';
import { type BenchContext, type Benchmark, roundsFor } from './benchmark.js';
import { Peers, writeFloats } from './peers.js';
import type { Findings } from './result.js';
import { byTurns, timed } from './rounds.js';

export const canvasBenchmark: Benchmark = {
  name: 'canvas',
  title: 'whitened canvases from columns, beside numpy',
  minutes: 0.2,
  isDefault: true,
  run: measureCanvas,
};

const PROFILE = bandProfile('scalp');
/** Of one float32 rounding. */
const TOLERANCE = 1e-5;

async function measureCanvas({ settings, folder }: BenchContext): Promise<Findings> {
  // Most of the canvases are full: they hold the newest 128 columns.
  const columns = noisyColumns(settings.quick ? 40 : 200);
  const stream = [info(DOUBLE_BANANA, PROFILE.sampleRate), ...columns];
  const { rows, whitening, detectionStepColumns, minimumValidColumns } = CANVAS;
  const last = newest(stream);
  const peers = new Peers(folder, last.canvases, 'the newest canvases');
  try {
    const path = writeFloats(
      folder,
      'columns.f32',
      columns.flatMap(({ decibels }) => decibels),
    );
    const { quantile, decibelsPerUnit, low, high, empty } = whitening;
    const shape = [DOUBLE_BANANA.length, rows, CANVAS.columns, detectionStepColumns, minimumValidColumns];
    const args = [path, ...shape, quantile, decibelsPerUnit, low, high, empty];
    await peers.addPython('canvas_numpy', 'numpy', args, TOLERANCE);
    const comparison = await byTurns(
      {
        work: `${DOUBLE_BANANA.length} derivations, a canvas of each after every second column`,
        unit: 'canvases/s',
        nUnits: last.nSteps * DOUBLE_BANANA.length,
        ...roundsFor(settings),
      },
      {
        name: 'chirpd',
        run: timed(() => {
          canvasPool.give(newest(stream).canvases);
        }),
      },
      peers.here,
      peers.absent,
    );
    return { comparisons: [comparison] };
  } finally {
    peers.stop();
  }
}

function newest(stream: readonly (ColumnFrame | Passing)[]): {
  readonly canvases: Float32Array;
  readonly nSteps: number;
} {
  let canvases: Float32Array = new Float32Array(0);
  let nSteps = 0;
  from(stream)
    .pipe(canvas<Passing>(PROFILE))
    .subscribe((item) => {
      if (item.type !== 'canvases') return;
      // As the pipeline does when the model has answered.
      canvasPool.give(canvases);
      canvases = item.canvases;
      nSteps++;
    });
  return { canvases, nSteps };
}

/** Columns whose rows scatter by some dB, as EEG's do. */
function noisyColumns(n: number): readonly ColumnFrame[] {
  const random = new Lcg(3);
  return Array.from({ length: n }, (_, column) => ({
    type: 'column',
    profile: PROFILE,
    column,
    decibels: DOUBLE_BANANA.map(() =>
      Float32Array.from({ length: CANVAS.rows }, (_, row) => 20 - row / 8 + 12 * (random.next() + random.next() - 1)),
    ),
  }));
}
