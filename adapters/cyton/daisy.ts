import { HALF_REACH, halfway } from '../half-sample-delay.js';
import { CHANNELS_PER_BOARD } from './board.js';

/** A sample of all 16 channels, at the time of the board's eight. */
export interface DaisySample<Board> {
  /** Counts two packets: one of the board, one of the Daisy. */
  readonly pair: number;
  /** Microvolts of channels 1 to 8, then 9 to 16. */
  readonly microvolts: Float64Array;
  /** What came with the board's packet. */
  readonly board: Board;
}

interface BoardPacket<Board> {
  readonly microvolts: ArrayLike<number>;
  readonly board: Board;
}

/**
 * Brings the two halves of a Cyton with Daisy to one time. Packets of the board (odd counters) and of the Daisy (even)
 * alternate at 250 a second, so each half is sampled every 8 ms, and the Daisy 4 ms after the board. The board's values
 * are left as they are; the Daisy's are interpolated at the middle between two of its samples, where the board's lies.
 * A sample needs its board packet and the Daisy packets on either side: where one of them was lost there is no sample.
 */
export class DaisyAligner<Board> {
  readonly #emit: (sample: DaisySample<Board>) => void;
  readonly #boards = new Map<number, BoardPacket<Board>>();
  readonly #daisies = new Map<number, ArrayLike<number>>();
  /** Pairs below this one are done with. */
  #next: number | undefined;

  constructor(emit: (sample: DaisySample<Board>) => void) {
    this.#emit = emit;
  }

  /** @param place of the packet, with the parity of its counter: odd is the board @param microvolts eight */
  push(place: number, microvolts: ArrayLike<number>, board: Board): void {
    const pair = Math.floor(place / 2);
    this.#next ??= pair;
    if (place % 2 !== 0) this.#boards.set(pair, { microvolts, board });
    else this.#daisies.set(pair, microvolts);
    while (this.#next <= pair - HALF_REACH) {
      this.#finish(this.#next);
      this.#next++;
      if (this.#boards.size > (place % 2 !== 0 ? 1 : 0)) continue;
      // Between what was kept and the packet that came after a loss lies nothing.
      this.#next = pair - HALF_REACH + 1;
      for (const old of this.#daisies.keys()) if (old < this.#next - HALF_REACH) this.#daisies.delete(old);
    }
  }

  /** Board sample `pair` lies between Daisy samples `pair` and `pair + 1`. */
  #finish(pair: number): void {
    const own = this.#boards.get(pair);
    this.#boards.delete(pair);
    this.#daisies.delete(pair - HALF_REACH);
    if (own === undefined || !this.#daisies.has(pair) || !this.#daisies.has(pair + 1)) return;
    let from = pair;
    while (from > pair + 1 - HALF_REACH && this.#daisies.has(from - 1)) from--;
    let to = pair + 2;
    while (to < pair + 1 + HALF_REACH && this.#daisies.has(to)) to++;
    const microvolts = new Float64Array(2 * CHANNELS_PER_BOARD);
    for (let channel = 0; channel < CHANNELS_PER_BOARD; channel++) {
      microvolts[channel] = own.microvolts[channel]!;
      const daisyOf = (place: number): number => this.#daisies.get(place)![channel]!;
      microvolts[CHANNELS_PER_BOARD + channel] = halfway(daisyOf, pair + 1, from, to);
    }
    this.#emit({ pair, microvolts, board: own.board });
  }
}
