import { ChirpdError } from '../../pipelines/core/errors.js';
import type { DiskFile } from '../replay/disk-file.js';
import { readLines, textEncodingOf } from '../replay/text-lines.js';
import type { Chunk, DataChannel } from './binary.js';
import type { AsciiData, BrainVisionHeader } from './header.js';

const READ_BYTES = 64 * 1024;
/** No number is written longer. */
const LONGEST_NUMBER = 64;

function numberOf(text: string | undefined, { decimalComma }: AsciiData): number {
  return text === undefined || text === '' ? NaN : Number(decimalComma ? text.replace(',', '.') : text);
}

/**
 * Data as text, a sample a line. A line that cannot be read gives values that are no numbers.
 * @throws ChirpdError RECORDING_READ, RECORDING_TEXT, RECORDING_TRUNCATED
 */
export async function* readAsciiRows(
  file: DiskFile,
  { data }: BrainVisionHeader,
  streamed: readonly DataChannel[],
): AsyncGenerator<Chunk, void, void> {
  const ascii = data as AsciiData;
  const { skipLines, skipColumns } = ascii;
  let nPoints = 0;
  let cutLine: number | undefined;
  for await (const { lines, firstLine, isOpenEnded } of readLines(file, await textEncodingOf(file))) {
    const rows: (readonly string[])[] = [];
    lines.forEach((line, i) => {
      if (firstLine + i <= skipLines || line.trim() === '') return;
      const cells = line.trim().split(/[\s;]+/);
      // Without a line end the last number may lack digits.
      if (isOpenEnded && i === lines.length - 1) cutLine = firstLine + i;
      else rows.push(cells);
    });
    if (rows.length === 0) continue;
    const samples = streamed.map(({ index, scale }) =>
      Float32Array.from(rows, (cells) => numberOf(cells[skipColumns + index], ascii) * scale),
    );
    yield { firstPoint: nPoints, samples };
    nPoints += rows.length;
  }
  if (cutLine !== undefined) {
    const message = `${file.path}: is cut off in line ${cutLine}. What lies before was read; copy the file again`;
    throw new ChirpdError('RECORDING_TRUNCATED', message);
  }
}

/** The numbers of one line of a text file, from its beginning on. */
class LineNumbers {
  readonly #file: DiskFile;
  readonly #end: number;
  #position: number;
  #skip: number;
  #rest = '';
  #numbers: string[] = [];

  /** @param skip words to pass over: the name of the channel */
  constructor(file: DiskFile, start: number, end: number, skip: number) {
    this.#file = file;
    this.#position = start;
    this.#end = end;
    this.#skip = skip;
  }

  /** Up to `n` further numbers: fewer only at the end of the line. */
  async take(n: number): Promise<readonly string[]> {
    while (this.#numbers.length < n && this.#position < this.#end) {
      const bytes = await this.#file.read(
        this.#position,
        new Uint8Array(Math.min(READ_BYTES, this.#end - this.#position)),
      );
      this.#position = bytes.length === 0 ? this.#end : this.#position + bytes.length;
      const words = (this.#rest + Buffer.from(bytes).toString('latin1')).split(/[\s;]+/);
      const last = words.pop() ?? '';
      this.#rest = this.#position < this.#end ? last.slice(0, LONGEST_NUMBER) : '';
      if (this.#position >= this.#end) words.push(last);
      const full = words.filter((word) => word !== '');
      const skipped = Math.min(this.#skip, full.length);
      this.#skip -= skipped;
      this.#numbers = this.#numbers.concat(full.slice(skipped));
    }
    return this.#numbers.splice(0, n);
  }
}

/** First byte and end of each line that is not empty, from `skipLines` on; a last line without an end is cut off. */
async function linePlaces(file: DiskFile, skipLines: number, nWanted: number): Promise<[number, number][]> {
  const places: [number, number][] = [];
  const buffer = new Uint8Array(READ_BYTES);
  let start = 0;
  let line = 0;
  for (let position = 0; position < file.sizeBytes && places.length < nWanted;) {
    const bytes = await file.read(position, buffer);
    if (bytes.length === 0) break;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
      if (line++ >= skipLines && position + at - start > 1) places.push([start, position + at]);
      start = position + at + 1;
    }
    position += bytes.length;
  }
  if (places.length < nWanted && line >= skipLines && file.sizeBytes - start > 1) {
    places.push([start, (await lastBlankBefore(file, start)) ?? start]);
  }
  return places.slice(0, nWanted);
}

/** Where the last whole number of a cut off line ends: further digits may be missing. */
async function lastBlankBefore(file: DiskFile, start: number): Promise<number | undefined> {
  const from = Math.max(start, file.sizeBytes - LONGEST_NUMBER);
  const bytes = await file.read(from, new Uint8Array(LONGEST_NUMBER));
  const blank = bytes.findLastIndex((byte) => byte === 32 || byte === 9 || byte === 59);
  return blank < 0 ? undefined : from + blank;
}

/**
 * Data as text, a channel a line: each line is read at its own place.
 * @throws ChirpdError RECORDING_READ, BRAINVISION_NO_DATA, RECORDING_TRUNCATED
 */
export async function* readAsciiLines(
  file: DiskFile,
  { data, channels }: BrainVisionHeader,
  streamed: readonly DataChannel[],
  blockSamples: number,
): AsyncGenerator<Chunk, void, void> {
  const ascii = data as AsciiData;
  const places = await linePlaces(file, ascii.skipLines, channels.length);
  const cursors = streamed.map(({ index }) => {
    const [start, end] = places[index] ?? [0, 0];
    return new LineNumbers(file, start, end, ascii.skipColumns);
  });
  for (let firstPoint = 0; ;) {
    const words: (readonly string[])[] = [];
    for (const cursor of cursors) words.push(await cursor.take(blockSamples * 8));
    const n = Math.min(...words.map(({ length }) => length));
    const longest = Math.max(...words.map(({ length }) => length));
    const samples = streamed.map(({ scale }, i) =>
      Float32Array.from({ length: n }, (_, point) => numberOf(words[i]?.[point], ascii) * scale),
    );
    if (n > 0) yield { firstPoint, samples };
    firstPoint += n;
    if (n < longest) {
      const message = `${file.path}: not all channels have as many values: one ends after ${firstPoint}. What all have was read; export the recording again`;
      throw new ChirpdError('RECORDING_TRUNCATED', message);
    }
    if (n === 0) return;
  }
}
