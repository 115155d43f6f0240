import { MISSING } from '../../adapters/edf/missing.js';
import { type Note, timekeepingList } from './annotation-list.js';
import type { RecordLength } from './record-length.js';
import type { ChannelScale } from './scale.js';

/** Of each record, in bytes: its start, and about twenty annotations. */
export const ANNOTATION_BYTES = 900;

const HIGHEST = 0x7fffff;

/** Puts samples together into the records of one file. */
export class RecordBuilder {
  readonly #scales: readonly ChannelScale[];
  readonly #length: RecordLength;
  readonly #recordBytes: number;
  #record: Buffer;
  #nFilled = 0;

  constructor(scales: readonly ChannelScale[], length: RecordLength) {
    this.#scales = scales;
    this.#length = length;
    this.#recordBytes = 3 * length.nSamples * scales.length + ANNOTATION_BYTES;
    this.#record = Buffer.alloc(this.#recordBytes);
  }

  /** Samples of the record under way. */
  get nFilled(): number {
    return this.#nFilled;
  }

  /** Takes samples from `from` on until the record is full. @returns how many it took */
  add(samples: readonly Float32Array[], from: number): number {
    const nSamples = Math.min(this.#length.nSamples - this.#nFilled, (samples[0]?.length ?? 0) - from);
    const record = this.#record;
    this.#scales.forEach((scale, channel) => {
      const values = samples[channel] as Float32Array;
      let at = this.#position(channel);
      for (let i = from; i < from + nSamples; i++, at += 3) {
        const digital = Math.max(MISSING, Math.min(HIGHEST, scale.toDigital(values[i] as number)));
        record[at] = digital;
        record[at + 1] = digital >> 8;
        record[at + 2] = digital >> 16;
      }
    });
    this.#keepFromMissing(nSamples);
    this.#nFilled += nSamples;
    return nSamples;
  }

  /** Marks samples as missing until the record is full. @returns how many */
  addMissing(nWanted: number): number {
    const nSamples = Math.min(this.#length.nSamples - this.#nFilled, nWanted);
    this.#scales.forEach((_, channel) => {
      const at = this.#position(channel);
      for (let i = 0; i < nSamples; i++) this.#record.writeIntLE(MISSING, at + 3 * i, 3);
    });
    this.#nFilled += nSamples;
    return nSamples;
  }

  get isFull(): boolean {
    return this.#nFilled === this.#length.nSamples;
  }

  /**
   * Finishes the record, and begins the next.
   * @param onsetMicros of the record, from the header's whole second
   * @param notes that wait; those that fit are taken out
   * @param encode gives a note as an annotation list
   */
  take(onsetMicros: number, notes: Note[], encode: (note: Note) => Buffer): Buffer {
    const record = this.#record;
    let at = this.#recordBytes - ANNOTATION_BYTES;
    at += timekeepingList(onsetMicros).copy(record, at);
    for (let note = notes[0]; note !== undefined; note = notes[0]) {
      const list = encode(note);
      if (at + list.length > this.#recordBytes) break;
      at += list.copy(record, at);
      notes.shift();
    }
    this.#record = Buffer.alloc(this.#recordBytes);
    this.#nFilled = 0;
    return record;
  }

  #position(channel: number): number {
    return 3 * (channel * this.#length.nSamples + this.#nFilled);
  }

  /** A converter at its lowest number in all channels at once is one step off in the first, so that it is no mark. */
  #keepFromMissing(nSamples: number): void {
    const record = this.#record;
    for (let i = 0; i < nSamples; i++) {
      const isMark = this.#scales.every((_, channel) => {
        const at = this.#position(channel) + 3 * i;
        return record[at] === 0 && record[at + 1] === 0 && record[at + 2] === 0x80;
      });
      if (isMark) record.writeIntLE(MISSING + 1, this.#position(0) + 3 * i, 3);
    }
  }
}
