import type { OnnxDetector } from '../../models/detector.js';
import type { AdapterName } from '../../models/manifest.js';
import type { ChirpSlot } from '../../pipelines/core/detection.js';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { CANVAS } from '../../pipelines/core/profile.js';
import { CANVAS_HERTZ, CANVAS_SECONDS, type CanvasTruth } from './canvas-truth.js';
import { normaliseCanvas } from './normalise-canvas.js';
import type { NpyFile } from './npy.js';
import { sharpenCanvas } from './sharpen-canvas.js';

const PIXELS = CANVAS.rows * CANVAS.columns;
/** Canvases at the model at a time; as many are made ready meanwhile. */
const GROUP = 256;

export interface CanvasPrediction extends CanvasTruth {
  readonly presence: number;
}

export interface PredictOptions {
  readonly adapter: AdapterName;
  readonly stop: AbortSignal;
  readonly onProgress?: (nDone: number) => void;
}

/** @throws ChirpdError SCORE_CANVASES where the array is no stack of canvases */
export function checkCanvasStack({ shape }: NpyFile, path: string): number {
  const [n = 0, rows, columns] = shape;
  if (shape.length !== 3 || rows !== CANVAS.rows || columns !== CANVAS.columns || n === 0) {
    throw new ChirpdError(
      'SCORE_CANVASES',
      `${path} has shape (${shape.join(', ')}); canvases have (N, ${String(CANVAS.rows)}, ${String(CANVAS.columns)}), rows from low to high frequency`,
    );
  }
  return n;
}

/**
 * What the model sees on each canvas of a stack: its strongest slot, whatever its presence. The model looks at one group
 * while the next is read and normalised. Ends early, with fewer predictions, when stopped.
 *
 * @param stack shape (n, 128, 128)
 * @throws ChirpdError SCORE_CANVASES (a pixel is no finite number), SCORE_NPY, SCORE_READ, MODEL_...
 */
export async function predictCanvases(
  detector: Pick<OnnxDetector, 'strongest'>,
  stack: NpyFile,
  { adapter, stop, onProgress }: PredictOptions,
): Promise<readonly CanvasPrediction[]> {
  const total = stack.shape[0]!;
  const predictions: CanvasPrediction[] = [];
  let underWay: Promise<readonly ChirpSlot[]> | undefined;
  const collect = async (): Promise<void> => {
    predictions.push(...((await underWay) ?? []).map(prediction));
    onProgress?.(predictions.length);
  };
  for (let first = 0; first < total && !stop.aborted; first += GROUP) {
    const n = Math.min(GROUP, total - first);
    const canvases = readCanvases(stack, first, n);
    await collect();
    underWay = detector.strongest(adapter, canvases, n);
    // Told by whoever awaits it; until then a rejection has a listener.
    underWay.catch(() => undefined);
  }
  await collect();
  return predictions;
}

function readCanvases(stack: NpyFile, first: number, n: number): Float32Array {
  const canvases = stack.read(first, n);
  for (let i = 0; i < n; i++) {
    const canvas = canvases.subarray(i * PIXELS, (i + 1) * PIXELS);
    if (!canvas.every(Number.isFinite)) {
      throw new ChirpdError(
        'SCORE_CANVASES',
        `canvas ${String(first + i)} (from 0) has a pixel that is no finite number`,
      );
    }
    sharpenCanvas(canvas, CANVAS.columns);
    normaliseCanvas(canvas);
  }
  return canvases;
}

function prediction({ onset, startFrequency, endFrequency, presence }: ChirpSlot): CanvasPrediction {
  return {
    startTimeSeconds: onset * CANVAS_SECONDS,
    startFrequencyHz: startFrequency * CANVAS_HERTZ,
    endFrequencyHz: endFrequency * CANVAS_HERTZ,
    presence,
  };
}
