import { canonicalLabel } from '../../pipelines/core/labels.js';
import type { AdapterItem, LeftOutChannel } from '../../pipelines/core/signal.js';
import { StreamAssembler } from '../stream-assembler.js';
import { defaultLabel } from './options.js';
import { PacketCounter, type CountedPacket } from './packet-counter.js';
import { PacketParser, type PacketShape } from './packet-parser.js';
import type { SerialTalk } from './stream.js';

/** A device that streams by itself, one sample of all channels a packet. */
export interface CountedDevice {
  readonly model: string;
  readonly shape: PacketShape;
  readonly sampleRate: number;
  readonly nChannels: number;
  /** Microvolts of all channels of the packet at `offset`. */
  readonly decode: (bytes: Uint8Array, offset: number) => Float64Array;
  readonly rangeMicrovolts: readonly [number, number];
  readonly leftOut: readonly LeftOutChannel[];
}

export interface CountedDeviceOptions {
  readonly port: string;
  /** Names of the first channels; the others are not part of the stream. */
  readonly labels?: readonly string[] | undefined;
}

interface CountedSample extends CountedPacket {
  readonly microvolts: Float64Array;
}

const BLOCK_SECONDS = 0.1;

/** Listens to such a device: there is nothing to say to it. */
export class CountedDeviceTalk implements SerialTalk {
  readonly #device: CountedDevice;
  readonly #options: CountedDeviceOptions;
  readonly #emit: (item: AdapterItem) => void;
  readonly #parser: PacketParser;
  readonly #counter: PacketCounter<CountedSample>;
  readonly #assembler: StreamAssembler;
  readonly #labels: readonly string[];
  #isTold = false;

  constructor(device: CountedDevice, options: CountedDeviceOptions, emit: (item: AdapterItem) => void) {
    this.#device = device;
    this.#options = options;
    this.#emit = emit;
    this.#labels = options.labels ?? Array.from({ length: device.nChannels }, (_, place) => defaultLabel(place));
    this.#parser = new PacketParser(device.shape);
    this.#counter = new PacketCounter(device.sampleRate);
    this.#assembler = new StreamAssembler({
      nChannels: this.#labels.length,
      sampleRate: device.sampleRate,
      blockSamples: Math.round(device.sampleRate * BLOCK_SECONDS),
      emit,
    });
  }

  receive(bytes: Uint8Array, hostMicros: number): boolean {
    const { decode, shape } = this.#device;
    let isAny = false;
    this.#parser.push(bytes, hostMicros, (buffer, offset, readMicros) => {
      isAny = true;
      const sample = {
        counter: buffer[offset + shape.counterAt]!,
        deviceMs: undefined,
        microvolts: decode(buffer, offset),
      };
      this.#tell(this.#counter.push(sample, readMicros));
    });
    return isAny;
  }

  tick(hostMicros: number): void {
    this.#tell(this.#counter.release(hostMicros));
  }

  end(): void {
    this.#assembler.flush();
  }

  #tell(placed: ReturnType<PacketCounter<CountedSample>['push']>): void {
    for (const { packet, index, hostMicros } of placed) {
      if (!this.#isTold) this.#begin(hostMicros);
      this.#assembler.push(index, packet.microvolts, { hostMicros });
    }
  }

  #begin(startTimeMicros: number): void {
    this.#isTold = true;
    const { model, nChannels, sampleRate, rangeMicrovolts, leftOut } = this.#device;
    const unnamed = Array.from({ length: nChannels - this.#labels.length }, (_, i) => ({
      sourceLabel: defaultLabel(this.#labels.length + i),
      reason: 'not named by the config',
    }));
    this.#emit({
      type: 'info',
      channels: this.#labels.map((label) => ({ label: canonicalLabel(label), sourceLabel: label, rangeMicrovolts })),
      leftOut: [...unnamed, ...leftOut],
      sampleRate,
      startTimeMicros,
      source: `${model} on ${this.#options.port}`,
      device: { model },
    });
  }
}
