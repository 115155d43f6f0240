import type { TextOutput } from './context.js';

const TTY_INTERVAL_MS = 200;
const PLAIN_INTERVAL_MS = 5000;
const CLEAR_LINE = '\r\u001b[K';

/** How far one recording is. */
export interface ReplayPlace {
  /** Stream seconds that have been looked at. */
  seconds: number;
  /** Its length, if known. */
  totalSeconds: number | undefined;
}

/**
 * Says how a replay goes: one line that changes on a terminal, a new line every few seconds elsewhere. Recordings may be
 * replayed in groups, one after the other.
 */
export class ReplayProgress {
  readonly #output: TextOutput;
  readonly #startedMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #nRecordings: number;
  readonly #places: ReplayPlace[] = [];
  nChirps = 0;

  /** @param nRecordings that will be watched, in all */
  constructor(output: TextOutput, nRecordings: number) {
    this.#output = output;
    this.#nRecordings = nRecordings;
    this.#timer = setInterval(
      () => {
        this.#show();
      },
      output.isTTY ? TTY_INTERVAL_MS : PLAIN_INTERVAL_MS,
    );
  }

  watch(places: readonly ReplayPlace[]): void {
    this.#places.push(...places);
  }

  /** Writes something else in between. */
  interrupt(text: string): void {
    this.#output.write(this.#output.isTTY ? `${CLEAR_LINE}${text}` : text);
  }

  /** The last line, which stays. */
  finish(): void {
    clearInterval(this.#timer);
    const elapsed = ((performance.now() - this.#startedMs) / 1000).toFixed(1);
    this.interrupt(`replay: ${this.#text()}, in ${elapsed} s\n`);
  }

  #show(): void {
    const { isTTY, columns } = this.#output;
    const line = `replay: ${this.#text()}`;
    this.#output.write(isTTY ? `${CLEAR_LINE}${line.slice(0, columns - 1)}` : `${line}\n`);
  }

  #text(): string {
    const seconds = sum(this.#places.map((place) => place.seconds));
    const total = sum(this.#places.map((place) => place.totalSeconds ?? NaN));
    const nBegun = this.#places.length;
    const share =
      nBegun < this.#nRecordings
        ? `${String(nBegun)} of ${String(this.#nRecordings)} recordings, ${seconds.toFixed(0)} s`
        : Number.isFinite(total) && total > 0
          ? `${Math.floor((100 * seconds) / total).toFixed(0)} %`
          : `${seconds.toFixed(0)} s`;
    const timesRealTime = (1000 * seconds) / (performance.now() - this.#startedMs);
    return `${share}, ${timesRealTime.toFixed(1)} x real time, ${String(this.nChirps)} ${this.nChirps === 1 ? 'chirp' : 'chirps'}`;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
