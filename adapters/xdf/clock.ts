import type { ClockOffset } from './stream.js';

/** Offsets further from the line than this are pulled towards it less and less (Huber's loss), seconds. */
const HUBER_SECONDS = 1e-4;
const MOST_ITERATIONS = 200;

/** A clock is set anew where the time between measurements and the offset both jump, by so much and so many MADs. */
const RESET_TIME = { seconds: 5, deviations: 5 };
const RESET_OFFSET = { seconds: 1, deviations: 10 };

/** A stretch of measurements between two resets of the clock. */
export interface ClockRange {
  /** On the stream's clock. */
  readonly from: number;
  readonly to: number;
  /** Offset at stream time t: `intercept + slope * (t - from)`. */
  readonly intercept: number;
  readonly slope: number;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** For each value, whether it stands out. */
function outliers(values: readonly number[], { seconds, deviations }: typeof RESET_TIME): readonly boolean[] {
  if (values.length === 0) return [];
  const centre = median(values);
  const distances = values.map((value) => Math.abs(value - centre));
  const mad = median(distances) + Number.EPSILON;
  return distances.map((distance) => distance > seconds && distance / mad > deviations);
}

/** Robust straight line through offsets. */
function fitRange(offsets: readonly ClockOffset[]): ClockRange {
  const times = offsets.map(({ time }) => time);
  const from = Math.min(...minMax(times));
  const to = Math.max(...minMax(times));
  const at = offsets.map(({ time }) => time - from);
  if (offsets.length === 1 || to === from) {
    return { from, to, intercept: median(offsets.map(({ offset }) => offset)), slope: 0 };
  }
  let intercept = 0;
  let slope = 0;
  let weights = offsets.map(() => 1);
  for (let i = 0; i < MOST_ITERATIONS; i++) {
    let [sw, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0];
    const reference = offsets[0]?.offset ?? 0;
    offsets.forEach(({ offset }, k) => {
      const [w, x, y] = [weights[k] as number, at[k] as number, offset - reference];
      sw += w;
      sx += w * x;
      sy += w * y;
      sxx += w * x * x;
      sxy += w * x * y;
    });
    const determinant = sw * sxx - sx * sx;
    const nextSlope = determinant === 0 ? 0 : (sw * sxy - sx * sy) / determinant;
    const nextIntercept = reference + (sy - nextSlope * sx) / sw;
    const change = Math.abs(nextIntercept - intercept) + Math.abs(nextSlope - slope) * (to - from);
    intercept = nextIntercept;
    slope = nextSlope;
    if (change < 1e-9) break;
    weights = offsets.map(({ offset }, k) => {
      const residual = Math.abs(offset - intercept - slope * (at[k] as number));
      return residual <= HUBER_SECONDS ? 1 : HUBER_SECONDS / residual;
    });
  }
  return { from, to, intercept, slope };
}

function minMax(values: readonly number[]): [number, number] {
  return values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
}

/** The stretches between resets of a stream's clock (its computer was started again), each with its line. */
export function clockRanges(offsets: readonly ClockOffset[]): readonly ClockRange[] {
  const steps = offsets.slice(1).map(({ time }, i) => time - (offsets[i] as ClockOffset).time);
  const jumps = offsets.slice(1).map(({ offset }, i) => offset - (offsets[i] as ClockOffset).offset);
  const [oddSteps, oddJumps] = [outliers(steps, RESET_TIME), outliers(jumps, RESET_OFFSET)];
  const ranges: ClockRange[] = [];
  let first = 0;
  for (let i = 0; i < offsets.length; i++) {
    const isLast = i === offsets.length - 1;
    const isReset = !isLast && ((steps[i] as number) < 0 || (oddSteps[i] === true && oddJumps[i] === true));
    if (!isLast && !isReset) continue;
    ranges.push(fitRange(offsets.slice(first, i + 1)));
    first = i + 1;
  }
  return ranges;
}

/** Turns the time stamps of a stream, in their order, into the recorder's time. Without measurements it changes nothing. */
export class ClockCorrection {
  readonly #ranges: readonly ClockRange[];
  #range = 0;
  #previous = NaN;

  constructor(ranges: readonly ClockRange[]) {
    this.#ranges = ranges;
  }

  correct(time: number): number {
    const isBack = time < this.#previous - 1;
    this.#previous = time;
    for (; this.#range + 1 < this.#ranges.length; this.#range++) {
      const [here, next] = [this.#distance(this.#range, time), this.#distance(this.#range + 1, time)];
      if (isBack ? next > here : next >= here) break;
    }
    const range = this.#ranges[this.#range];
    return range === undefined ? time : time + range.intercept + range.slope * (time - range.from);
  }

  #distance(index: number, time: number): number {
    const { from, to } = this.#ranges[index] as ClockRange;
    return Math.max(from - time, time - to, 0);
  }
}
