import { ChirpdError } from '../../pipelines/core/errors.js';
import type { SerialLine } from '../serial/line.js';
import { END_OF_TEXT } from './board.js';

/** Nothing for so long after `s`: the board has stopped. */
const QUIET_MS = 60;
const LONGEST_TEXT = 100_000;

/** What a board says while it does not stream. */
export class BoardAnswers {
  readonly #port: string;
  readonly #line: SerialLine;
  readonly #signal: AbortSignal;
  #text = '';
  #lastByteMs = performance.now();
  #wake: () => void = () => undefined;
  /** Between two characters: firmware before 2 loses what comes faster. */
  characterPauseMs = 0;

  constructor(port: string, line: SerialLine, signal: AbortSignal) {
    this.#port = port;
    this.#line = line;
    this.#signal = signal;
    signal.addEventListener('abort', () => {
      this.#wake();
    });
  }

  receive(bytes: Uint8Array): void {
    this.#lastByteMs = performance.now();
    for (const byte of bytes) this.#text += String.fromCharCode(byte);
    if (this.#text.length > LONGEST_TEXT) this.#text = this.#text.slice(-LONGEST_TEXT / 2);
    this.#wake();
  }

  async send(command: string): Promise<void> {
    if (this.#signal.aborted) return;
    if (this.characterPauseMs === 0) {
      await this.#line.write(Buffer.from(command, 'latin1'));
      return;
    }
    for (const character of command) {
      await this.#line.write(Buffer.from(character, 'latin1'));
      await this.#sleep(this.characterPauseMs);
    }
  }

  /**
   * Sends a command and waits for the answer.
   * @returns its text without the end, empty when the stream was left meanwhile
   * @throws ChirpdError ADAPTER_NO_ANSWER, ADAPTER_CYTON_RADIO
   */
  async ask(command: string, timeoutMs: number): Promise<string> {
    this.#text = '';
    await this.send(command);
    const end = performance.now() + timeoutMs;
    while (!this.#signal.aborted) {
      const at = this.#text.indexOf(END_OF_TEXT);
      if (at >= 0) return this.#answer(this.#text.slice(0, at));
      const remainingMs = end - performance.now();
      if (remainingMs <= 0) throw this.#noAnswer(command);
      await this.#sleep(remainingMs);
    }
    return '';
  }

  /** Waits until nothing comes any more. @throws ChirpdError ADAPTER_NOT_UNDERSTOOD: it never stops */
  async quiet(timeoutMs: number): Promise<void> {
    const from = performance.now();
    while (!this.#signal.aborted) {
      const quietMs = performance.now() - Math.max(this.#lastByteMs, from);
      if (quietMs >= QUIET_MS) return;
      if (performance.now() - from > timeoutMs)
        throw new ChirpdError(
          'ADAPTER_NOT_UNDERSTOOD',
          `what is on ${this.#port} sends on after it was told to stop: it seems to be no Cyton`,
        );
      await this.#sleep(QUIET_MS - quietMs + 1);
    }
  }

  #answer(text: string): string {
    if (!/communications timeout|failed to poll/i.test(text)) return text;
    throw new ChirpdError(
      'ADAPTER_CYTON_RADIO',
      `the dongle on ${this.#port} hears no board: switch the Cyton to PC, charge its battery, see that both use one radio channel`,
    );
  }

  #noAnswer(command: string): ChirpdError {
    return new ChirpdError(
      'ADAPTER_NO_ANSWER',
      `no answer to "${command}" on ${this.#port}: is a Cyton's dongle plugged in there, its switch at GPIO 6?`,
    );
  }

  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
