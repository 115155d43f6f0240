/** What a new sample shows. */
export type GapVerdict =
  /** Nothing, or nothing yet: `nHeld` of the newest samples wait for a verdict. */
  | { readonly type: 'none' }
  /** `nLost` samples are missing before the newest `nAfter` ones. */
  | { readonly type: 'lost'; readonly nLost: number; readonly nAfter: number }
  /** The time stamps jumped by this many seconds, and no loss explains it. */
  | { readonly type: 'clock-jump'; readonly seconds: number };

/** Shortest and longest stretch of signal that is held back to tell a loss from a delay, in seconds. */
const MIN_HOLD_SECONDS = 0.02;
const MAX_HOLD_SECONDS = 0.25;
/** While the delay still shrinks, it is held for as long as this. */
const LONGEST_HOLD_SECONDS = 2;
/** Time stamps that must agree on a loss, besides the first. */
const N_WITNESSES = 2;
/** How fast, against the nominal rate, the samples of a device may come without counting as lost. */
const MAX_RATE_ERROR = 0.005;
/** The jitter that has been seen is forgotten at this pace. */
const JITTER_HALF_LIFE_SECONDS = 60;
/** Time stamps that jump back, or ahead of the time that has passed, by more than this are a clock that was set. */
const CLOCK_JUMP_SECONDS = 1;

const NONE: GapVerdict = { type: 'none' };

/**
 * Finds lost samples of a regular stream in its time stamps. A sample that is late against the ones before may have
 * been delayed (programs stamp what they read, when they get to read it), or samples before it are lost. After a delay the
 * next ones catch up; after a loss they stay behind by whole samples. So the samples from a late one on are held back
 * until that has shown itself: a fiftieth of a second where stamps are clean, a quarter where much is missing. Delays no
 * longer than those that a stream has shown to be usual hold nothing up; a loss that is shorter than they are cannot be
 * told from them.
 */
export class GapFinder {
  readonly #period: number;
  /** Samples so far, lost ones too. */
  #index = 0;
  /** Stamp of sample 0, as the punctual samples have it. */
  #base = NaN;
  /** The last sample whose stamp was looked at. */
  #judgedIndex = 0;
  #stamp = NaN;
  /** Longest delay that has been made up for, in seconds. */
  #jitter = 0;
  /** How far stamps have been ahead of the clock of this machine. */
  #lead = -Infinity;
  #nHeld = 0;
  #heldLateness: number[] = [];

  constructor(sampleRate: number) {
    this.#period = 1 / sampleRate;
  }

  /** The newest samples that may lie after a gap: not to be given on yet. */
  get nHeld(): number {
    return this.#nHeld;
  }

  /** Time stamp of the newest sample, transmitted or deduced, in seconds. */
  get stamp(): number {
    return this.#stamp;
  }

  /**
   * @param stamp seconds of the sender's clock; undefined: one sample interval after the one before
   * @param arrivedAt seconds of this machine's clock
   */
  add(stamp: number | undefined, arrivedAt: number): GapVerdict {
    const index = this.#index++;
    if (stamp === undefined) {
      this.#stamp += this.#period;
      if (this.#nHeld === 0) return NONE;
      this.#nHeld++;
      return this.#judgeHeld(arrivedAt);
    }
    const previous = this.#stamp;
    this.#stamp = stamp;
    if (Number.isNaN(this.#base)) this.#base = stamp - index * this.#period;
    const lateness = stamp - index * this.#period - this.#base;
    if (lateness < -CLOCK_JUMP_SECONDS) return { type: 'clock-jump', seconds: stamp - previous };
    const isLate = lateness > Math.max(this.#jitter, this.#period / 2) * (1 + 1e-6);
    if (this.#nHeld > 0) {
      this.#nHeld++;
      if (isLate) {
        this.#heldLateness.push(lateness);
        return this.#judgeHeld(arrivedAt);
      }
      // It has caught up: the ones before were delayed.
      this.#jitter = Math.max(this.#jitter, ...this.#heldLateness);
      this.#release();
    } else if (isLate) {
      this.#nHeld = 1;
      this.#heldLateness = [lateness];
      return NONE;
    }
    this.#follow(index, lateness);
    this.#lead = Math.max(this.#lead, stamp - arrivedAt);
    return NONE;
  }

  /** Lets a punctual sample correct the base: at once if it is early, at the pace of a wrong rate if it is late. */
  #follow(index: number, lateness: number): void {
    const seconds = (index - this.#judgedIndex) * this.#period;
    this.#judgedIndex = index;
    this.#base += Math.min(lateness, MAX_RATE_ERROR * seconds);
    this.#jitter = Math.max(this.#jitter * 2 ** (-seconds / JITTER_HALF_LIFE_SECONDS), lateness);
  }

  #judgeHeld(arrivedAt: number): GapVerdict {
    const first = this.#heldLateness[0]!;
    const least = Math.min(...this.#heldLateness);
    const heldSeconds = this.#nHeld * this.#period;
    const holdSeconds = Math.min(Math.max(first, MIN_HOLD_SECONDS), MAX_HOLD_SECONDS);
    const isEnough = heldSeconds >= holdSeconds && this.#heldLateness.length > N_WITNESSES;
    const isShrinking = least < first - heldSeconds / 4;
    if ((!isEnough || isShrinking) && heldSeconds < LONGEST_HOLD_SECONDS) return NONE;
    if (this.#stamp - arrivedAt > this.#lead + CLOCK_JUMP_SECONDS) return { type: 'clock-jump', seconds: least };
    const nLost = Math.round(least / this.#period);
    const nAfter = this.#nHeld;
    this.#release();
    this.#index += nLost;
    this.#judgedIndex = this.#index;
    return nLost === 0 ? NONE : { type: 'lost', nLost, nAfter };
  }

  #release(): void {
    this.#nHeld = 0;
    this.#heldLateness = [];
  }
}
