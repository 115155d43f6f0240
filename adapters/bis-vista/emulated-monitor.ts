import type { Answer, EmulatedDevice, PlayedSample } from '../emulators/device.js';
import { BisFrameReader, encodeFrame, encodeMessage, FRAME_TYPES } from './frame.js';
import {
  BIS_BAUD_RATE,
  BIS_CHANNELS,
  BIS_SAMPLE_RATE,
  encodeProcessed,
  encodeRawEeg,
  MESSAGE_IDS,
  type BisScale,
} from './messages.js';

/** Samples in a message. How many a real monitor puts into one is not public. */
export const SAMPLES_PER_MESSAGE = 16;
const GAIN = 1;
const GAIN_DIVISOR = 20;
const OFFSET = -3200;
export const EMULATED_SCALE: BisScale = { gain: GAIN / GAIN_DIVISOR, offset: OFFSET };

/** A BIS Vista as far as public notes tell how it talks. */
export class EmulatedBisVista implements EmulatedDevice {
  readonly title = 'BIS Vista';
  readonly baudRate = BIS_BAUD_RATE;
  readonly sampleRate = BIS_SAMPLE_RATE;
  readonly nChannels = BIS_CHANNELS;
  readonly bytesPerSecond = 900;
  isStreaming = false;
  readonly #answer: Answer;
  readonly #reader = new BisFrameReader(({ type, message }) => {
    if (type !== FRAME_TYPES.data || message === undefined) return;
    this.#answer(encodeFrame(this.#sequence++ & 0xffff, FRAME_TYPES.ack, new Uint8Array(0)), 0);
    this.#obey(message.id);
  });
  #sequence = 0;
  #tellsProcessed = false;
  #counts: number[] = [];
  /** Since the second began. */
  #nTaken = 0;
  #isDamaged = false;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  receive(bytes: Uint8Array): void {
    this.#reader.push(bytes);
  }

  next(sample: PlayedSample): Uint8Array | undefined {
    if (!this.isStreaming) return undefined;
    const { gain, offset } = EMULATED_SCALE;
    for (let channel = 0; channel < BIS_CHANNELS; channel++) {
      const microvolts = sample === 'lost' ? 0 : (sample[channel] ?? 0);
      this.#counts.push(Math.max(-32_768, Math.min(32_767, Math.round(microvolts / gain + offset))));
    }
    if (sample === 'lost') this.#isDamaged = true;
    this.#nTaken = (this.#nTaken + 1) % BIS_SAMPLE_RATE;
    if (this.#nTaken === 0 && this.#tellsProcessed) this.#tellProcessed();
    if (this.#counts.length < SAMPLES_PER_MESSAGE * BIS_CHANNELS) return undefined;
    const message = encodeRawEeg({ sampleRate: BIS_SAMPLE_RATE, counts: Int16Array.from(this.#counts) });
    const isDamaged = this.#isDamaged;
    this.#counts = [];
    this.#isDamaged = false;
    const frame = encodeMessage(this.#sequence++ & 0xffff, 0, message);
    return isDamaged ? undefined : frame;
  }

  #tellProcessed(): void {
    const message = encodeProcessed(GAIN, GAIN_DIVISOR, OFFSET);
    this.#answer(encodeMessage(this.#sequence++ & 0xffff, 0, message), 0);
  }

  #obey(id: number): void {
    if (id === MESSAGE_IDS.startRaw) this.isStreaming = true;
    if (id === MESSAGE_IDS.startProcessed && !this.#tellsProcessed) {
      this.#tellsProcessed = true;
      this.#tellProcessed();
    }
    if (id === MESSAGE_IDS.stopRaw) {
      this.isStreaming = false;
      this.#counts = [];
    }
    if (id === MESSAGE_IDS.stopProcessed) this.#tellsProcessed = false;
  }
}
