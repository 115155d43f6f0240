export interface SampleTime {
  /** Of the sample, seconds of the sender's clock. */
  readonly stamp: number;
  /** When it came, seconds of this machine's LSL clock. */
  readonly arrivedAt: number;
}

/** A sample that was taken out. */
export interface TimedSample extends SampleTime {
  /** Among those that were taken out with it, from 0. */
  readonly place: number;
}

/** The times of the samples that wait, the oldest first. */
export class SampleTimes {
  readonly #sampleRate: number;
  readonly #times: SampleTime[] = [];

  constructor(sampleRate: number) {
    this.#sampleRate = sampleRate;
  }

  get first(): SampleTime {
    return this.#times[0]!;
  }

  add(stamp: number, arrivedAt: number): void {
    this.#times.push({ stamp, arrivedAt });
  }

  /**
   * Drops the first `n`, at least one. Returns the one that is earliest for its place by one of its times: programs stamp
   * samples late, and never early.
   */
  take(n: number, by: keyof SampleTime): TimedSample {
    const taken = this.#times.splice(0, n);
    let place = 0;
    for (let i = 1; i < taken.length; i++) {
      const dueSeconds = taken[place]![by] + (i - place) / this.#sampleRate;
      if (taken[i]![by] <= dueSeconds) place = i;
    }
    return { ...taken[place]!, place };
  }
}
