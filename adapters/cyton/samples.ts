import { PacketCounter, type Placed } from '../serial/packet-counter.js';
import { PacketParser, type ParserCounts } from '../serial/packet-parser.js';
import { CHANNELS_PER_BOARD, CYTON_PACKET_RATE, microvoltsPerCount } from './board.js';
import { DaisyAligner } from './daisy.js';
import { CYTON_PACKET_SHAPE, decodeCytonPacket, type CytonPacket } from './packet.js';
import type { ReadyBoard } from './start.js';

/** One sample of all channels that are on. */
export interface CytonSample {
  /** Among all that the board has taken since the first one that came: lost ones are counted. */
  readonly sample: number;
  readonly microvolts: Float64Array;
  /** When its packet was read; Unix microseconds. */
  readonly hostMicros: number;
  /** The board's clock when it was taken. */
  readonly deviceMicros: number | undefined;
}

/** The mean of a sample and the one before it belongs to the time between them. */
const PAIR_MEAN_MICROS = 0.5e6 / CYTON_PACKET_RATE;

/** From the bytes of a streaming board to samples; no ports, no timers. */
export class CytonSamples {
  readonly #board: Pick<ReadyBoard, 'channels' | 'hasDaisy'>;
  readonly #onSample: (sample: CytonSample) => void;
  readonly #parser = new PacketParser(CYTON_PACKET_SHAPE);
  readonly #counter = new PacketCounter<CytonPacket>(CYTON_PACKET_RATE);
  readonly #scales: Float64Array;
  readonly #daisy: DaisyAligner<Placed<CytonPacket>>;
  /** Counter of the first packet, or the first sample: what numbers count from. */
  #firstCounter: number | undefined;
  #firstPair: number | undefined;

  constructor(board: Pick<ReadyBoard, 'channels' | 'hasDaisy'>, onSample: (sample: CytonSample) => void) {
    this.#board = board;
    this.#onSample = onSample;
    this.#scales = new Float64Array(2 * CHANNELS_PER_BOARD);
    for (const { place, gain } of board.channels) this.#scales[place] = microvoltsPerCount(gain);
    this.#daisy = new DaisyAligner(({ pair, microvolts, board: placed }) => {
      this.#firstPair ??= pair;
      this.#tell(pair - this.#firstPair, microvolts, placed, PAIR_MEAN_MICROS);
    });
  }

  get counts(): ParserCounts {
    return this.#parser.counts;
  }

  push(bytes: Uint8Array, hostMicros: number): void {
    this.#parser.push(bytes, hostMicros, (buffer, offset, readMicros) => {
      for (const placed of this.#counter.push(decodeCytonPacket(buffer, offset), readMicros)) this.#place(placed);
    });
  }

  /** Lets go of packets that were held to see what a pause hid. */
  release(nowMicros: number): void {
    for (const placed of this.#counter.release(nowMicros)) this.#place(placed);
  }

  #place(placed: Placed<CytonPacket>): void {
    const { packet, index } = placed;
    const isFirst = this.#firstCounter === undefined;
    this.#firstCounter ??= packet.counter;
    if (!this.#board.hasDaisy) {
      this.#tell(index, this.#microvolts(packet.counts, 0), placed, 0);
      return;
    }
    // The first packet of a board with Daisy is the mean with a sample that was never taken.
    if (isFirst && packet.counter === 0) return;
    const firstChannel = packet.counter % 2 === 0 ? CHANNELS_PER_BOARD : 0;
    this.#daisy.push(this.#firstCounter + index, this.#microvolts(packet.counts, firstChannel), placed);
  }

  #microvolts(counts: Int32Array, firstChannel: number): Float64Array {
    const microvolts = new Float64Array(CHANNELS_PER_BOARD);
    for (let i = 0; i < CHANNELS_PER_BOARD; i++) microvolts[i] = counts[i]! * this.#scales[firstChannel + i]!;
    return microvolts;
  }

  #tell(sample: number, all: Float64Array, { hostMicros, deviceMs }: Placed<CytonPacket>, agoMicros: number): void {
    this.#onSample({
      sample,
      microvolts: Float64Array.from(this.#board.channels, ({ place }) => all[place]!),
      hostMicros: hostMicros - agoMicros,
      deviceMicros: deviceMs === undefined ? undefined : deviceMs * 1000 - agoMicros,
    });
  }
}
