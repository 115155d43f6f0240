import type { EmulatedDevice, PlayedSample } from '../emulators/device.js';
import {
  encodeFreeEeg32,
  FREEEEG32_BAUD_RATE,
  FREEEEG32_CHANNELS,
  FREEEEG32_PACKET_BYTES,
  FREEEEG32_SAMPLE_RATE,
} from './packet.js';

/** A FreeEEG32: it streams from the moment it has power, and listens to nothing. */
export class EmulatedFreeEeg32 implements EmulatedDevice {
  readonly title = 'FreeEEG32';
  readonly baudRate = FREEEEG32_BAUD_RATE;
  readonly sampleRate = FREEEEG32_SAMPLE_RATE;
  readonly nChannels = FREEEEG32_CHANNELS;
  readonly bytesPerSecond = FREEEEG32_PACKET_BYTES * FREEEEG32_SAMPLE_RATE;
  readonly isStreaming = true;
  #counter = 0;

  receive(): void {
    // It has no commands.
  }

  next(sample: PlayedSample): Uint8Array | undefined {
    const packet = sample === 'lost' ? undefined : encodeFreeEeg32(this.#counter, sample, FREEEEG32_PACKET_BYTES);
    this.#counter = (this.#counter + 1) & 0xff;
    return packet;
  }
}
