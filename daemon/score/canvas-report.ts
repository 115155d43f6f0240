import type { CanvasTruth } from './canvas-truth.js';
import { type ErrorFigures, errorFigures } from './error-figures.js';

/** How well one number was estimated. */
export interface RegressionFigures extends ErrorFigures {
  /** Pearson's correlation of estimates and truth; undefined where either does not vary. */
  readonly r: number | undefined;
  /** An error beyond this is a gross miss: 3 s and 5 Hz, a twentieth of the canvas. */
  readonly grossAbove: number;
  readonly nGross: number;
  readonly grossShare: number;
}

export interface CanvasReport {
  readonly nCanvases: number;
  readonly startTimeSeconds: RegressionFigures;
  readonly startFrequencyHz: RegressionFigures;
  readonly endFrequencyHz: RegressionFigures;
}

const GROSS_SECONDS = 3;
const GROSS_HERTZ = 5;

/** @param estimates one for each of `truth`, which is not empty */
export function reportCanvases(truth: readonly CanvasTruth[], estimates: readonly CanvasTruth[]): CanvasReport {
  const figures = (field: keyof CanvasTruth, grossAbove: number): RegressionFigures =>
    regressionFigures(
      truth.map((each) => each[field]),
      estimates.map((each) => each[field]),
      grossAbove,
    );
  return {
    nCanvases: truth.length,
    startTimeSeconds: figures('startTimeSeconds', GROSS_SECONDS),
    startFrequencyHz: figures('startFrequencyHz', GROSS_HERTZ),
    endFrequencyHz: figures('endFrequencyHz', GROSS_HERTZ),
  };
}

function regressionFigures(
  truth: readonly number[],
  estimates: readonly number[],
  grossAbove: number,
): RegressionFigures {
  const errors = truth.map((value, i) => estimates[i]! - value);
  const nGross = errors.filter((error) => Math.abs(error) > grossAbove).length;
  return {
    ...errorFigures(errors),
    r: correlation(truth, estimates),
    grossAbove,
    nGross,
    grossShare: nGross / errors.length,
  };
}

function correlation(a: readonly number[], b: readonly number[]): number | undefined {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => {
    ab += (value - meanA) * (b[i]! - meanB);
    aa += (value - meanA) ** 2;
    bb += (b[i]! - meanB) ** 2;
  });
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : undefined;
}
