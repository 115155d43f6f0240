import type { PlayedSignal } from '../../adapters/emulators/device.js';

/** Samples until the numbers begin again. */
export const NUMBERED_ROUND = 4000;
/** Microvolts from one sample to the next. */
export const NUMBERED_STEP = 0.1;
/** Microvolts from one channel to the next. */
const CHANNEL_STEP = 0.5;

/** Microvolts of sample `n` on a channel: they tell the number. */
export function numbered(channel: number, n: number): number {
  return channel * CHANNEL_STEP + ((n % NUMBERED_ROUND) - NUMBERED_ROUND / 2) * NUMBERED_STEP;
}

/** The number of a sample, from 0 to `NUMBERED_ROUND`, by the microvolts of its first channel. */
export function numberOf(microvolts: number): number {
  return Math.round(microvolts / NUMBERED_STEP) + NUMBERED_ROUND / 2;
}

/** Whether microvolts, one of each channel, are a numbered sample as a device with this error would give it. */
export function isNumbered(errorMicrovolts: number): (microvolts: readonly number[]) => boolean {
  return (microvolts) => {
    const n = numberOf(microvolts[0]!);
    return (
      n >= 0 &&
      n < NUMBERED_ROUND &&
      microvolts.every((value, channel) => Math.abs(value - numbered(channel, n)) < errorMicrovolts)
    );
  };
}

/** A signal without end that counts what was taken of it. */
export class NumberedSignal implements PlayedSignal {
  /** Samples taken. */
  n = 0;
  readonly #nChannels: number;
  readonly #value: (channel: number, n: number) => number;

  constructor(nChannels: number, value = numbered) {
    this.#nChannels = nChannels;
    this.#value = value;
  }

  next(): readonly number[] {
    const n = this.n++;
    return Array.from({ length: this.#nChannels }, (_, channel) => this.#value(channel, n));
  }

  close(): void {
    // Nothing is open.
  }
}
