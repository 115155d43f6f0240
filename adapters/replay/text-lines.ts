import { ChirpdError } from '../../pipelines/core/errors.js';
import type { DiskFile } from './disk-file.js';

const READ_BYTES = 256 * 1024;
/** Longer lines are refused: what has them is no text, and would be held in memory. */
const LONGEST_LINE = 1024 * 1024;

export type TextEncoding = 'utf-8' | 'latin1';

/**
 * How a text file is encoded, judged by its beginning: UTF-8 where that is valid, else Latin-1.
 * @throws ChirpdError RECORDING_TEXT for UTF-16 and for what is no text
 */
export async function textEncodingOf(file: DiskFile): Promise<TextEncoding> {
  const bytes = await file.read(0, new Uint8Array(64 * 1024));
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    const message = `${file.path}: is UTF-16 text. Save it as UTF-8 (in a spreadsheet: "CSV UTF-8")`;
    throw new ChirpdError('RECORDING_TEXT', message);
  }
  if (bytes.includes(0)) {
    throw new ChirpdError('RECORDING_TEXT', `${file.path}: holds zero bytes, so it is no text. Check what it is`);
  }
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: bytes.length < file.sizeBytes });
    return 'utf-8';
  } catch {
    return 'latin1';
  }
}

/** Consecutive lines of a text file. */
export interface LineBatch {
  readonly lines: readonly string[];
  /** Number of the first line, from 1. */
  readonly firstLine: number;
  /** True where the last line ends the file without a line end, as one that was cut off does. */
  readonly isOpenEnded: boolean;
}

/**
 * The lines of a text file without their ends (LF or CR LF), a few hundred kilobytes at a time.
 * @throws ChirpdError RECORDING_READ, RECORDING_TEXT (a line of more than 1 MiB)
 */
export async function* readLines(
  file: DiskFile,
  encoding: TextEncoding,
  byteOffset = 0,
): AsyncGenerator<LineBatch, void, void> {
  const decoder = new TextDecoder(encoding);
  const buffer = new Uint8Array(READ_BYTES);
  let rest = '';
  let firstLine = 1;
  for (let position = byteOffset; ;) {
    const bytes = await file.read(position, buffer);
    position += bytes.length;
    const isEnd = bytes.length < buffer.length;
    const text = rest + decoder.decode(bytes, { stream: !isEnd });
    const lines = text.split('\n');
    rest = lines.pop() ?? '';
    const isOpenEnded = isEnd && rest !== '';
    if (isOpenEnded) lines.push(rest);
    for (const [i, line] of lines.entries()) if (line.endsWith('\r')) lines[i] = line.slice(0, -1);
    if (lines.length > 0) yield { lines, firstLine, isOpenEnded };
    if (isEnd) return;
    firstLine += lines.length;
    if (rest.length > LONGEST_LINE) {
      const message = `${file.path}: line ${firstLine} is longer than ${LONGEST_LINE} characters, so this is no table. Check what the file is`;
      throw new ChirpdError('RECORDING_TEXT', message);
    }
  }
}
