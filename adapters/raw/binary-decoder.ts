import { MAX_MICROVOLTS } from '../units.js';
import type { RawFormat } from './raw-stream.js';
import { type DecodedRun, RunBuilder, type SampleDecoder } from './sample-decoder.js';

export type BinaryFormat = Exclude<RawFormat, 'csv'>;

const READERS: Readonly<
  Record<BinaryFormat, { readonly nBytes: number; readonly read: (bytes: Buffer, at: number) => number }>
> = {
  int16le: { nBytes: 2, read: (bytes, at) => bytes.readInt16LE(at) },
  int16be: { nBytes: 2, read: (bytes, at) => bytes.readInt16BE(at) },
  int24le: { nBytes: 3, read: (bytes, at) => bytes.readIntLE(at, 3) },
  int24be: { nBytes: 3, read: (bytes, at) => bytes.readIntBE(at, 3) },
  int32le: { nBytes: 4, read: (bytes, at) => bytes.readInt32LE(at) },
  int32be: { nBytes: 4, read: (bytes, at) => bytes.readInt32BE(at) },
  float32le: { nBytes: 4, read: (bytes, at) => bytes.readFloatLE(at) },
  float32be: { nBytes: 4, read: (bytes, at) => bytes.readFloatBE(at) },
};

/** Interleaved samples: one value of each channel, then the next sample. */
export class BinaryDecoder implements SampleDecoder {
  readonly #format: BinaryFormat;
  readonly #nChannels: number;
  readonly #microvolts: number;
  #left: Buffer = Buffer.alloc(0);

  /** @param microvolts of a 1 in the data */
  constructor(format: BinaryFormat, nChannels: number, microvolts: number) {
    this.#format = format;
    this.#nChannels = nChannels;
    this.#microvolts = microvolts;
  }

  push(bytes: Buffer): readonly DecodedRun[] {
    const { nBytes, read } = READERS[this.#format];
    const all = this.#left.length === 0 ? bytes : Buffer.concat([this.#left, bytes]);
    const frameBytes = nBytes * this.#nChannels;
    const nFrames = Math.floor(all.length / frameBytes);
    const runs = new RunBuilder(this.#nChannels, nFrames);
    for (let frame = 0; frame < nFrames; frame++) {
      runs.add((channel) => {
        const value = read(all, frame * frameBytes + channel * nBytes) * this.#microvolts;
        return Math.abs(value) <= MAX_MICROVOLTS ? value : NaN;
      });
    }
    // A copy: the rest must not hold the whole piece.
    this.#left = Buffer.from(all.subarray(nFrames * frameBytes));
    return runs.take();
  }

  end(): { readonly runs: readonly DecodedRun[]; readonly nBytesLeft: number } {
    return { runs: [], nBytesLeft: this.#left.length };
  }
}
