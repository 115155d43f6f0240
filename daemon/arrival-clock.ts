/** Remembered arrivals: at four blocks a second, more than a canvas. */
const CAPACITY = 512;

/** When each stretch of a stream arrived at the host: what the delay of an event is measured from. */
export class ArrivalClock {
  private readonly endSeconds = new Float64Array(CAPACITY);
  private readonly hostMs = new Float64Array(CAPACITY);
  private n = 0;

  /** Samples up to stream time `endSeconds` are here now. */
  arrive(endSeconds: number, nowMs = performance.now()): void {
    const at = this.n++ % CAPACITY;
    this.endSeconds[at] = endSeconds;
    this.hostMs[at] = nowMs;
  }

  /** Stream time of the newest sample; 0 before the first. */
  get newestSeconds(): number {
    return this.n === 0 ? 0 : (this.endSeconds[(this.n - 1) % CAPACITY] ?? 0);
  }

  get newestMs(): number {
    return this.n === 0 ? 0 : (this.hostMs[(this.n - 1) % CAPACITY] ?? 0);
  }

  /** Host milliseconds at which the sample at a stream time came; of the oldest remembered one if it came before. */
  arrivalMs(seconds: number): number {
    const oldest = Math.max(0, this.n - CAPACITY);
    let low = oldest;
    let high = this.n - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.endSeconds[middle % CAPACITY] ?? 0) > seconds) high = middle;
      else low = middle + 1;
    }
    return this.n === 0 ? performance.now() : (this.hostMs[low % CAPACITY] ?? 0);
  }
}
