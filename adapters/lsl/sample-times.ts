export interface SampleTime {
  /** Of the sample, seconds of the sender's clock. */
  readonly stamp: number;
  /** When it came, seconds of this machine's LSL clock. */
  readonly arrivedAt: number;
}

/** The times of the samples that wait, the oldest first. */
export class SampleTimes {
  readonly #times: SampleTime[] = [];

  get first(): SampleTime {
    return this.#times[0]!;
  }

  add(stamp: number, arrivedAt: number): void {
    this.#times.push({ stamp, arrivedAt });
  }

  /** Drops the first `n`, at least one. Returns the last of them. */
  take(n: number): SampleTime {
    return this.#times.splice(0, n).at(-1)!;
  }
}
