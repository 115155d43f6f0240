export interface BufferedBlock {
  readonly firstSample: number;
  /** One array per channel. */
  readonly samples: readonly Float32Array[];
  readonly timeMicros: number | undefined;
  /** Monotonic clock when it was given. */
  readonly givenMs: number;
}

/** Samples that are not acknowledged yet, up to a bound: then the oldest are dropped, and the daemon counts a gap. */
export class SendBuffer {
  readonly #capacitySamples: number;
  readonly #blocks: BufferedBlock[] = [];
  /** What was dropped before it was acknowledged, and may have come in time all the same. */
  readonly #forgotten: { readonly first: number; end: number }[] = [];
  #nSamples = 0;
  #nDropped = 0;
  /** Sample after the newest one given, skipped ones counted. */
  next = 0;

  constructor(capacitySamples: number) {
    this.#capacitySamples = capacitySamples;
  }

  get nSamples(): number {
    return this.#nSamples;
  }

  /** Samples that were dropped and never sent, or never came. */
  get nDropped(): number {
    return this.#nDropped;
  }

  /** The oldest sample that can still be sent. */
  get oldestSample(): number {
    return this.#blocks[0]?.firstSample ?? this.next;
  }

  /** Sample after the newest one that is no skipped one. */
  get end(): number {
    const newest = this.#blocks.at(-1);
    return newest === undefined ? 0 : endOf(newest);
  }

  append(samples: readonly Float32Array[], timeMicros: number | undefined, givenMs: number): void {
    const nSamples = lengthOf(samples);
    this.#blocks.push({ firstSample: this.next, samples, timeMicros, givenMs });
    this.next += nSamples;
    this.#nSamples += nSamples;
    while (this.#nSamples > this.#capacitySamples && this.#blocks.length > 1) {
      const dropped = this.#blocks.shift();
      if (dropped !== undefined) this.#forget(dropped);
    }
  }

  /** Forgets what lies before a sample. */
  release(before: number): void {
    for (let block = this.#blocks[0]; block !== undefined && endOf(block) <= before; block = this.#blocks[0]) {
      this.#blocks.shift();
      this.#nSamples -= lengthOf(block.samples);
    }
    while ((this.#forgotten[0]?.end ?? Infinity) <= before) this.#forgotten.shift();
  }

  /** Samples from one to before the other are left out: what of them was dropped is lost now. */
  leaveOut(from: number, to: number): void {
    for (let range = this.#forgotten[0]; range !== undefined && range.first < to; range = this.#forgotten[0]) {
      this.#forgotten.shift();
      this.#nDropped += Math.max(0, Math.min(range.end, to) - Math.max(range.first, from));
    }
  }

  /** The first samples at or after `from`, at most `maxSamples` of one block; undefined where there are none. */
  read(from: number, maxSamples: number): BufferedBlock | undefined {
    const block = this.#blocks.find((candidate) => endOf(candidate) > from);
    if (block === undefined) return undefined;
    const first = Math.max(from, block.firstSample);
    const end = Math.min(endOf(block), first + maxSamples);
    if (first === block.firstSample && end === endOf(block)) return block;
    const isTail = end === endOf(block);
    return {
      firstSample: first,
      samples: block.samples.map((channel) => channel.subarray(first - block.firstSample, end - block.firstSample)),
      timeMicros: isTail ? block.timeMicros : undefined,
      givenMs: block.givenMs,
    };
  }

  #forget(block: BufferedBlock): void {
    this.#nSamples -= lengthOf(block.samples);
    const newest = this.#forgotten.at(-1);
    if (newest?.end === block.firstSample) newest.end = endOf(block);
    else this.#forgotten.push({ first: block.firstSample, end: endOf(block) });
  }
}

function endOf({ firstSample, samples }: BufferedBlock): number {
  return firstSample + lengthOf(samples);
}

function lengthOf(samples: readonly Float32Array[]): number {
  return samples[0]?.length ?? 0;
}
