import { ChirpdError } from '../../pipelines/core/errors.js';
import { Pauses } from '../pauses.js';

/** Work at a time, milliseconds: short against what anybody who listens would notice. */
const TURN_MS = 3;
/** Samples (of all channels) that one question may make the daemon hold: 256 MiB. */
const MAX_VALUES = 64 << 20;
/** Of an answer: what can be written into a message without taking the loop for long. */
const MAX_ANSWER_BYTES = 8 << 20;
/** Values that are decoded, mixed or filtered in one go: about a millisecond. */
const VALUES_IN_ONE_GO = 16_384;

/** Goes with one question: sees to it that it neither takes the loop for long nor all of the memory. */
export class Reading {
  #nValues = 0;
  #nAnswerBytes = 0;
  readonly #pauses = new Pauses(TURN_MS);

  /** Call it after each bit of work. */
  async breathe(): Promise<void> {
    if (this.#pauses.isDue()) await this.#pauses.take();
  }

  /** Samples that are read. @throws ChirpdError PROTOCOL_BAD_QUERY where they become too many */
  hold(nValues: number): void {
    this.#nValues += nValues;
    if (this.#nValues > MAX_VALUES) throw tooMuch(`over ${String(MAX_VALUES)} samples of the bed's channels to read`);
  }

  /** Bytes of the answer. @throws ChirpdError PROTOCOL_BAD_QUERY where it becomes too long */
  answer(nBytes: number): void {
    this.#nAnswerBytes += nBytes;
    if (this.#nAnswerBytes > MAX_ANSWER_BYTES) throw tooMuch(`an answer of over ${String(MAX_ANSWER_BYTES)} bytes`);
  }
}

/** Samples to work on in one go, of so many channels. */
export function samplesInOneGo(nChannels: number): number {
  return Math.max(1, Math.floor(VALUES_IN_ONE_GO / Math.max(1, nChannels)));
}

function tooMuch(what: string): ChirpdError {
  return new ChirpdError('PROTOCOL_BAD_QUERY', `seconds: ${what}: ask for fewer seconds at a time`);
}
