import { VALUE_LAYOUTS, type LslFormat } from './formats.js';
import { TAG_TRANSMITTED } from './sample-reader.js';

/** One value of each channel: numbers, or texts where the format is `string`. */
export type SampleValues = readonly (number | string)[];

/** A sample as protocol 1.10 has it, with its time stamp in seconds of this machine's LSL clock. */
export function writeSample(format: LslFormat, values: SampleValues, stamp: number, littleEndian: boolean): Buffer {
  const head = Buffer.alloc(9);
  head[0] = TAG_TRANSMITTED;
  if (littleEndian) head.writeDoubleLE(stamp, 1);
  else head.writeDoubleBE(stamp, 1);
  if (format === 'string') return Buffer.concat([head, ...values.map((text) => writeText(String(text), littleEndian))]);
  const { nBytes, write } = VALUE_LAYOUTS[format];
  const body = Buffer.alloc(nBytes * values.length);
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  values.forEach((value, i) => write(view, i * nBytes, Number(value), littleEndian));
  return Buffer.concat([head, body]);
}

/** Length of the length, length, UTF-8. */
function writeText(text: string, littleEndian: boolean): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= 0xff) return Buffer.concat([Buffer.from([1, bytes.length]), bytes]);
  const length = Buffer.alloc(5);
  length[0] = 4;
  if (littleEndian) length.writeUInt32LE(bytes.length, 1);
  else length.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([length, bytes]);
}
