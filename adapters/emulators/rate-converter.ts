import { blockLength, type Gap, type SampleBlock } from '../../pipelines/core/signal.js';
import type { PlayedSample } from './device.js';

/** Zero crossings of the interpolating sine on either side. */
const N_CROSSINGS = 16;
/** Pass band, as a share of the lower of both Nyquist frequencies. */
const PASS = 0.92;

/** Consecutive samples of the input between two gaps. */
interface Run {
  /** Number of its first sample that is still kept. */
  start: number;
  samples: Float32Array[];
  isOver: boolean;
}

/**
 * Gives a stream at another rate, sample by sample, with a windowed sine interpolator that also keeps out what the new
 * rate cannot hold. Equal rates pass untouched; samples within a gap are `lost`.
 */
export class RateConverter {
  readonly #step: number;
  readonly #reach: number;
  readonly #cutoff: number;
  readonly #runs: Run[] = [];
  #n = 0;
  #isOver = false;

  constructor(inputRate: number, outputRate: number) {
    this.#step = inputRate / outputRate;
    this.#cutoff = PASS * Math.min(1, outputRate / inputRate);
    this.#reach = this.#step === 1 ? 0 : N_CROSSINGS / this.#cutoff;
  }

  /** Input that has been asked for so far, in its samples. */
  get position(): number {
    return this.#n * this.#step;
  }

  push(item: SampleBlock | Gap): void {
    const run = this.#runs.at(-1);
    if (item.type === 'gap') {
      if (run !== undefined) run.isOver = true;
    } else if (run === undefined || run.isOver) {
      this.#runs.push({ start: item.firstSample, samples: item.samples.map((s) => s.slice()), isOver: false });
    } else {
      const from = Math.min(blockOf(run), Math.max(0, Math.floor(this.position - this.#reach) - run.start));
      run.start += from;
      run.samples = run.samples.map((kept, channel) => joined(kept.subarray(from), item.samples[channel]!));
    }
  }

  /** There is no more input. */
  end(): void {
    this.#isOver = true;
    const run = this.#runs.at(-1);
    if (run !== undefined) run.isOver = true;
  }

  /** The next sample, `undefined` while input is missing for it, or `end`. */
  next(): PlayedSample | 'end' | undefined {
    const { position } = this;
    for (;;) {
      const run = this.#runs[0];
      if (run === undefined) return this.#isOver ? 'end' : undefined;
      const last = run.start + blockOf(run) - 1;
      if (position < run.start - 0.5) {
        this.#n++;
        return 'lost';
      }
      if (position <= last || !run.isOver) {
        if (!run.isOver && position + this.#reach > last) return undefined;
        this.#n++;
        return this.#interpolate(run, position);
      }
      this.#runs.shift();
    }
  }

  #interpolate({ start, samples }: Run, position: number): Float64Array {
    const nSamples = samples[0]!.length;
    if (this.#step === 1) return Float64Array.from(samples, (values) => values[position - start]!);
    const from = Math.max(0, Math.ceil(position - this.#reach) - start);
    const to = Math.min(nSamples - 1, Math.floor(position + this.#reach) - start);
    const sums = new Float64Array(samples.length);
    let total = 0;
    for (let i = from; i <= to; i++) {
      const distance = start + i - position;
      const x = Math.PI * this.#cutoff * distance;
      const window =
        0.42 +
        0.5 * Math.cos((Math.PI * distance) / this.#reach) +
        0.08 * Math.cos((2 * Math.PI * distance) / this.#reach);
      const weight = (x === 0 ? 1 : Math.sin(x) / x) * window;
      total += weight;
      for (let channel = 0; channel < samples.length; channel++) sums[channel]! += weight * samples[channel]![i]!;
    }
    return sums.map((sum) => sum / total);
  }
}

function blockOf({ samples, start }: Run): number {
  return blockLength({ type: 'block', firstSample: start, samples });
}

function joined(before: Float32Array, after: Float32Array): Float32Array {
  const all = new Float32Array(before.length + after.length);
  all.set(before);
  all.set(after, before.length);
  return all;
}
