/** Microvolts from zero, or twice that from peak to peak: what stays within it may be suppressed. */
const SUPPRESSED_MICROVOLTS = 5;
/** And is, where it does so for this long. */
const LONG_ENOUGH_SECONDS = 0.5;
const WINDOW_SECONDS = 60;

/**
 * The suppression ratio of one derivation: the share of the samples of the last 60 s that lie in stretches of 0.5 s and
 * more in which no sample is further than 5 uV from zero.
 *
 * That is the usual definition (Rampil, A primer for EEG signal processing in anesthesia, Anesthesiology 89, 1998:
 * longer than 0.5 s and within about +-5 uV, over at least one minute); 10 uV from peak to peak is also what the ACNS
 * critical care terminology (2021) calls suppressed. Chosen here: 60 s, moved on once a second; a stretch counts from its first
 * sample on as soon as it is long enough; the signal is the derivation as it is filtered for everything else, so a
 * baseline that drifts by more than 5 uV after the 0.3 Hz high-pass, or hum that is not notched out, hides suppression.
 *
 * An interruption ends a stretch, and the samples before it go on counting: a link that loses a packet now and then
 * keeps its ratio.
 */
export class Suppression {
  readonly #longEnough: number;
  /** Samples of the newest 60 seconds, second `s` at `s % 60`. */
  readonly #nSamples = new Uint32Array(WINDOW_SECONDS);
  readonly #nSuppressed = new Uint32Array(WINDOW_SECONDS);
  #second = 0;
  /** Small samples up to now, one after another; those of the second before the present one are told apart. */
  #run = 0;
  #runBefore = 0;

  constructor(sampleRate: number) {
    this.#longEnough = Math.ceil(LONG_ENOUGH_SECONDS * sampleRate);
  }

  /** Moves on to a whole second of stream time, which is not before the present one. */
  begin(second: number): void {
    const nPassed = Math.min(WINDOW_SECONDS, second - this.#second);
    for (let s = second - nPassed + 1; s <= second; s++) {
      this.#nSamples[s % WINDOW_SECONDS] = 0;
      this.#nSuppressed[s % WINDOW_SECONDS] = 0;
    }
    if (nPassed > 0) this.#runBefore = this.#run;
    this.#second = second;
  }

  /** What comes next does not go on from what was before it. */
  interrupt(): void {
    this.#run = 0;
    this.#runBefore = 0;
  }

  /** Takes samples `from` to `to` of the present second, microvolts; one that is not finite interrupts. */
  add(samples: Float32Array, from: number, to: number): void {
    const at = this.#second % WINDOW_SECONDS;
    for (let i = from; i < to; i++) {
      const value = samples[i]!;
      if (!Number.isFinite(value)) {
        this.interrupt();
        continue;
      }
      this.#nSamples[at]!++;
      if (value > SUPPRESSED_MICROVOLTS || value < -SUPPRESSED_MICROVOLTS) {
        this.interrupt();
        continue;
      }
      this.#run++;
      if (this.#run > this.#longEnough) this.#nSuppressed[at]!++;
      else if (this.#run === this.#longEnough) this.#countRun(at);
    }
  }

  /** Share of the 60 seconds that end with second `second`, which has just ended; 0 where there was no sample. */
  ratio(): number {
    let nSamples = 0;
    let nSuppressed = 0;
    for (let i = 0; i < WINDOW_SECONDS; i++) {
      nSamples += this.#nSamples[i]!;
      nSuppressed += this.#nSuppressed[i]!;
    }
    return nSamples === 0 ? 0 : nSuppressed / nSamples;
  }

  /** A stretch that has just become long enough began in this second or in the one before it. */
  #countRun(at: number): void {
    this.#nSuppressed[at]! += this.#run - this.#runBefore;
    this.#nSuppressed[(at + WINDOW_SECONDS - 1) % WINDOW_SECONDS]! += this.#runBefore;
  }
}
