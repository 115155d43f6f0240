import type { EmulatedDevice, PlayedSample } from '../emulators/device.js';
import {
  encodeP2,
  MODULAREEG_BAUD_RATE,
  MODULAREEG_CHANNELS,
  MODULAREEG_PACKET_BYTES,
  MODULAREEG_SAMPLE_RATE,
} from './packet.js';

/** A ModularEEG with P2 firmware: it streams from the moment it has power, and listens to nothing. */
export class EmulatedModularEeg implements EmulatedDevice {
  readonly title = 'ModularEEG';
  readonly baudRate = MODULAREEG_BAUD_RATE;
  readonly sampleRate = MODULAREEG_SAMPLE_RATE;
  readonly nChannels = MODULAREEG_CHANNELS;
  readonly bytesPerSecond = MODULAREEG_PACKET_BYTES * MODULAREEG_SAMPLE_RATE;
  readonly isStreaming = true;
  #counter = 0;

  receive(): void {
    // It has no commands.
  }

  next(sample: PlayedSample): Uint8Array | undefined {
    const packet = sample === 'lost' ? undefined : encodeP2(this.#counter, sample);
    this.#counter = (this.#counter + 1) & 0xff;
    return packet;
  }
}
