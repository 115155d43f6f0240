import { CANVAS } from '../core/profile.js';

/** Above this many phases, or this many weights in all, weights are interpolated instead of kept. */
const MAXIMUM_PHASES = 2048;
const MAXIMUM_WEIGHTS = 1 << 21;
/** Points per input sample of the table that weights are interpolated from: the error is below 1e-8 of the peak. */
const TABLE_POINTS = 4096;

/** The weights of one output instant, and how many input samples they take. */
export interface PhaseWeights {
  readonly weights: Float64Array;
  readonly nTaps: number;
}

/**
 * The linear-phase windowed-sinc kernel of the resampler. Output instant n lies at input position
 * p = n * rateIn / rateOut and takes the input samples m with |p - m| <= W, each with weight h(p - m):
 * h(d) = 2 fc sinc(2 fc d) I0(beta sqrt(1 - (d/W)^2)) / I0(beta), with fc = cutoff * rateOut / rateIn cycles per input
 * sample and W = zeroCrossings * rateIn / rateOut. The weights of an instant are scaled to the sum 1.
 * (Kaiser & Schafer 1980; Smith, "Digital Audio Resampling", 2002.)
 */
export class ResamplerKernel {
  /** W, input samples: how much later than its own instant an output can be computed. */
  readonly halfWidth: number;
  readonly #ratio: Ratio;
  readonly #fc: number;
  readonly #phases: (PhaseWeights | undefined)[] | undefined;
  readonly #table: Float64Array | undefined;
  readonly #scratch: Float64Array;

  constructor(rateIn: number, rateOut: number) {
    const { zeroCrossings, cutoff } = CANVAS.resampler;
    this.halfWidth = (zeroCrossings * rateIn) / rateOut;
    this.#fc = (cutoff * rateOut) / rateIn;
    const nTapsMaximum = Math.floor(2 * this.halfWidth) + 1;
    this.#scratch = new Float64Array(nTapsMaximum);
    const ratio = rationalRatio(rateIn, rateOut, Math.min(MAXIMUM_PHASES, MAXIMUM_WEIGHTS / nTapsMaximum));
    if (ratio) {
      this.#ratio = ratio;
      this.#phases = new Array<PhaseWeights | undefined>(ratio.denominator).fill(undefined);
    } else {
      this.#ratio = { numerator: rateIn, denominator: rateOut };
      // One point past W: the table goes on smoothly there, so that the last tap is interpolated as well as the others.
      this.#table = Float64Array.from({ length: Math.floor(this.halfWidth * TABLE_POINTS) + 2 }, (_, i) =>
        this.#value(i / TABLE_POINTS),
      );
    }
  }

  /** Index of the first input sample that output `n` takes. */
  firstTap(n: number): number {
    return Math.ceil(this.#position(n - CANVAS.resampler.zeroCrossings));
  }

  /** Index of the last input sample that output `n` takes. */
  lastTap(n: number): number {
    return Math.floor(this.#position(n + CANVAS.resampler.zeroCrossings));
  }

  /** The first output whose taps are all at or after input sample `sample`. */
  firstOutputFrom(sample: number): number {
    let n = Math.floor(this.#inverse(sample)) + CANVAS.resampler.zeroCrossings - 1;
    while (this.firstTap(n) < sample) n++;
    return n;
  }

  /** The first output that takes an input sample at or after `sample`. */
  firstOutputBeyond(sample: number): number {
    let n = Math.floor(this.#inverse(sample)) - CANVAS.resampler.zeroCrossings - 1;
    while (this.lastTap(n) < sample) n++;
    return n;
  }

  /** The weights of output `n`, for input samples from `firstTap(n)` on. Valid until the next call. */
  weights(n: number): PhaseWeights {
    if (this.#table) return this.#interpolated(n, this.#table);
    const phases = this.#phases!;
    const phase = n % phases.length;
    return (phases[phase] ??= this.#exact(phase));
  }

  /** p of output `n`. With a whole numerator and denominator, p's floor and ceiling are exact for centuries of signal. */
  #position(n: number): number {
    return (n * this.#ratio.numerator) / this.#ratio.denominator;
  }

  #inverse(sample: number): number {
    return (sample * this.#ratio.denominator) / this.#ratio.numerator;
  }

  #exact(n: number): PhaseWeights {
    const first = this.firstTap(n);
    const position = this.#position(n);
    const weights = new Float64Array(this.lastTap(n) - first + 1);
    for (let i = 0; i < weights.length; i++) weights[i] = this.#value(position - (first + i));
    scaleToOne(weights, weights.length);
    return { weights, nTaps: weights.length };
  }

  #interpolated(n: number, table: Float64Array): PhaseWeights {
    const first = this.firstTap(n);
    const position = this.#position(n);
    // Rounding at the edge may ask for one tap too many.
    const nTaps = Math.min(this.lastTap(n) - first + 1, this.#scratch.length);
    for (let i = 0; i < nTaps; i++) {
      const at = Math.abs(position - (first + i)) * TABLE_POINTS;
      const index = Math.min(Math.floor(at), table.length - 2);
      const low = table[index]!;
      this.#scratch[i] = low + (at - index) * (table[index + 1]! - low);
    }
    scaleToOne(this.#scratch, nTaps);
    return { weights: this.#scratch, nTaps };
  }

  /** h(d), continued analytically beyond |d| = W. */
  #value(d: number): number {
    const x = 2 * this.#fc * d;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    const { kaiserBeta } = CANVAS.resampler;
    const quarterSquare = (kaiserBeta * kaiserBeta) / 4;
    const u = d / this.halfWidth;
    return (2 * this.#fc * sinc * besselI0(quarterSquare * (1 - u * u))) / besselI0(quarterSquare);
  }
}

interface Ratio {
  readonly numerator: number;
  readonly denominator: number;
}

/** rateIn / rateOut as the fraction of the smallest denominator that gives the same number up to its last bits. */
function rationalRatio(rateIn: number, rateOut: number, maximumDenominator: number): Ratio | undefined {
  const ratio = rateIn / rateOut;
  for (let denominator = 1; denominator <= maximumDenominator; denominator++) {
    const numerator = Math.round(ratio * denominator);
    if (Math.abs(numerator / denominator - ratio) <= 2 * Number.EPSILON * ratio) return { numerator, denominator };
  }
  return undefined;
}

/** Modified Bessel function I0(z), given z^2 / 4: its power series, which also serves for small negative z^2. */
function besselI0(quarterSquare: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; Math.abs(term) > 1e-18 * sum; k++) {
    term *= quarterSquare / (k * k);
    sum += term;
  }
  return sum;
}

function scaleToOne(weights: Float64Array, n: number): void {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += weights[i]!;
  for (let i = 0; i < n; i++) weights[i] = weights[i]! / sum;
}
