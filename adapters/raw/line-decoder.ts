import { ChirpdError } from '../../pipelines/core/errors.js';
import { MAX_MICROVOLTS } from '../units.js';
import { type DecodedRun, RunBuilder, type SampleDecoder } from './sample-decoder.js';

/** 256 channels of 40 digits. */
const MAX_LINE_BYTES = 16 * 1024;
const NEWLINE = 0x0a;

/**
 * One sample a line: a value of each channel, with commas, semicolons, tabs or spaces between. Empty lines and those that
 * begin with # do not count; one that is no sample counts as a lost one.
 */
export class LineDecoder implements SampleDecoder {
  readonly #nChannels: number;
  readonly #microvolts: number;
  #left: Buffer = Buffer.alloc(0);

  /** @param microvolts of a 1 in the data */
  constructor(nChannels: number, microvolts: number) {
    this.#nChannels = nChannels;
    this.#microvolts = microvolts;
  }

  /** @throws ChirpdError RAW_GARBAGE on a line without an end */
  push(bytes: Buffer): readonly DecodedRun[] {
    const all = this.#left.length === 0 ? bytes : Buffer.concat([this.#left, bytes]);
    const end = all.lastIndexOf(NEWLINE) + 1;
    this.#left = Buffer.from(all.subarray(end));
    if (this.#left.length > MAX_LINE_BYTES) {
      throw new ChirpdError('RAW_GARBAGE', `a line of text does not end within ${MAX_LINE_BYTES} bytes: is this CSV?`);
    }
    return this.#read(all.toString('latin1', 0, end));
  }

  end(): { readonly runs: readonly DecodedRun[]; readonly nBytesLeft: number } {
    return { runs: this.#read(this.#left.toString('latin1')), nBytesLeft: 0 };
  }

  #read(text: string): readonly DecodedRun[] {
    const lines = text.split('\n').map((line) => line.trim());
    const runs = new RunBuilder(this.#nChannels, lines.length);
    for (const line of lines) {
      if (line === '' || line.startsWith('#')) continue;
      const fields = line.split(/\s*[,;\t]\s*| +/);
      if (fields.length !== this.#nChannels) runs.lose();
      else runs.add((channel) => this.#value(fields[channel] ?? ''));
    }
    return runs.take();
  }

  #value(field: string): number {
    const value = field === '' ? NaN : Number(field) * this.#microvolts;
    return Math.abs(value) <= MAX_MICROVOLTS ? value : NaN;
  }
}
