/** Consecutive samples, one array of microvolts per channel; or samples that were there and cannot be read. */
export type DecodedRun = { readonly samples: readonly Float32Array[] } | { readonly nLost: number };

/** Bytes to samples, whatever pieces they come in. */
export interface SampleDecoder {
  push(bytes: Buffer): readonly DecodedRun[];
  /** Nothing follows: what was left is read, or counted. */
  end(): { readonly runs: readonly DecodedRun[]; readonly nBytesLeft: number };
}

/** Gathers samples into runs, all of them views of one stretch of memory. */
export class RunBuilder {
  readonly #samples: readonly Float32Array[];
  readonly #runs: DecodedRun[] = [];
  #first = 0;
  #end = 0;

  /** @param capacity samples that are coming, at most */
  constructor(nChannels: number, capacity: number) {
    this.#samples = Array.from({ length: nChannels }, () => new Float32Array(capacity));
  }

  /** @param read gives the value of a channel, microvolts; NaN: it is none, and the sample counts as lost */
  add(read: (channel: number) => number): void {
    for (const [channel, samples] of this.#samples.entries()) {
      const value = read(channel);
      if (Number.isNaN(value)) {
        this.lose();
        return;
      }
      samples[this.#end] = value;
    }
    this.#end++;
  }

  lose(): void {
    this.#flush();
    const last = this.#runs.at(-1);
    if (last !== undefined && 'nLost' in last) this.#runs[this.#runs.length - 1] = { nLost: last.nLost + 1 };
    else this.#runs.push({ nLost: 1 });
  }

  take(): readonly DecodedRun[] {
    this.#flush();
    return this.#runs;
  }

  #flush(): void {
    const first = this.#first;
    const end = this.#end;
    if (first === end) return;
    this.#runs.push({ samples: this.#samples.map((channel) => channel.subarray(first, end)) });
    this.#first = end;
  }
}
