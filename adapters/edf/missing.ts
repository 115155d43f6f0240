import type { Gap } from '../../pipelines/core/signal.js';
import type { SampleRun } from '../replay/recording.js';
import type { EdfFile } from './file.js';
import type { EdfHeader } from './header.js';

/**
 * In recordings of chirpd a sample that never came is -8388608, the lowest number of 24 bits, in every signal at once.
 * No other sample is: the writer sees to it.
 */
export const MISSING = -0x800000;

/** Whether sample `i` of the record that begins at `recordOffset` is marked as missing. */
function isMissing(header: EdfHeader, bytes: Uint8Array, recordOffset: number, i: number): boolean {
  return header.signals.every(({ isAnnotation, byteOffset }) => {
    const at = recordOffset + byteOffset + 3 * i;
    return isAnnotation || (bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 0x80);
  });
}

/** Samples at the end of the file that are there to fill its last records. */
export async function nMissingAtEnd(file: EdfFile, samplesPerRecord: number): Promise<number> {
  const { header, nRecords } = file;
  const bytes = new Uint8Array(header.recordBytes);
  let nMissing = 0;
  for (let record = nRecords - 1; header.marksMissing && record >= 0; record--) {
    await file.readRecords(record, 1, bytes);
    for (let i = samplesPerRecord - 1; i >= 0; i--, nMissing++) if (!isMissing(header, bytes, 0, i)) return nMissing;
  }
  return nMissing;
}

/** Cuts runs of whole records into what was recorded and what never came. One for each way through a file. */
export class MissingSamples {
  readonly #header: EdfHeader;
  readonly #samplesPerRecord: number;
  #nMissing = 0;

  constructor(header: EdfHeader, samplesPerRecord: number) {
    this.#header = header;
    this.#samplesPerRecord = samplesPerRecord;
  }

  /** A gap is given when it has ended: one at the end of the file is none. @param bytes the run's records */
  *cut(run: SampleRun, bytes: Uint8Array): Generator<SampleRun | Gap, void, void> {
    let from = 0;
    for (let i = 0; i <= run.nSamples; i++) {
      const isEnd = i === run.nSamples;
      if (!isEnd && !this.#isMissing(bytes, i)) {
        if (this.#nMissing === 0) continue;
        yield {
          type: 'gap',
          firstSample: run.firstSample + i - this.#nMissing,
          nSamples: this.#nMissing,
          reason: 'recording-gap',
        };
        this.#nMissing = 0;
        from = i;
        continue;
      }
      if (i > from && this.#nMissing === 0) yield part(run, from, i);
      if (!isEnd) this.#nMissing++;
    }
  }

  #isMissing(bytes: Uint8Array, i: number): boolean {
    const record = Math.floor(i / this.#samplesPerRecord);
    return isMissing(this.#header, bytes, record * this.#header.recordBytes, i - record * this.#samplesPerRecord);
  }
}

function part(run: SampleRun, from: number, to: number): SampleRun {
  return {
    type: 'run',
    firstSample: run.firstSample + from,
    nSamples: to - from,
    decode: (first, nSamples) => run.decode(from + first, nSamples),
  };
}
