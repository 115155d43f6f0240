import { ChirpdError } from '../core/errors.js';

/** Watches that a stream's samples rise, and tells where their run is interrupted. */
export class SampleClock {
  #next: number | undefined;

  /**
   * Takes note of `nSamples` samples from `firstSample` on.
   *
   * @returns whether they continue the samples before them; false for the first ones and after a gap
   * @throws ChirpdError `PIPELINE_CLOCK_BACKWARDS` if they begin before the end of what came before
   */
  advance(firstSample: number, nSamples: number): boolean {
    const continues = firstSample === this.#next;
    this.#check(firstSample);
    this.#next = firstSample + nSamples;
    return continues;
  }

  /** Takes note of samples that never came: whatever follows is not a continuation. */
  interrupt(firstSample: number, nSamples: number): void {
    this.#check(firstSample);
    // A fraction is equal to no sample's index, and less than that of every sample still to come.
    this.#next = firstSample + nSamples - 0.5;
  }

  #check(firstSample: number): void {
    if (!Number.isInteger(firstSample) || (this.#next !== undefined && firstSample < this.#next)) {
      throw new ChirpdError(
        'PIPELINE_CLOCK_BACKWARDS',
        `The stream's clock stood at sample ${String(Math.ceil(this.#next ?? 0))}, then came samples from ${String(firstSample)} on. ` +
          'The source must number its samples with rising integers and report what it lost as a gap',
      );
    }
  }
}
