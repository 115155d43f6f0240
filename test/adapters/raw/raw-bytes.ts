import type { RawFormat } from '../../../adapters/raw/raw-stream.js';

const WRITERS: Readonly<Record<Exclude<RawFormat, 'csv'>, (value: number) => Buffer>> = {
  int16le: (value) => write(2, (bytes) => bytes.writeInt16LE(value)),
  int16be: (value) => write(2, (bytes) => bytes.writeInt16BE(value)),
  int24le: (value) => write(3, (bytes) => bytes.writeIntLE(value, 0, 3)),
  int24be: (value) => write(3, (bytes) => bytes.writeIntBE(value, 0, 3)),
  int32le: (value) => write(4, (bytes) => bytes.writeInt32LE(value)),
  int32be: (value) => write(4, (bytes) => bytes.writeInt32BE(value)),
  float32le: (value) => write(4, (bytes) => bytes.writeFloatLE(value)),
  float32be: (value) => write(4, (bytes) => bytes.writeFloatBE(value)),
};

function write(nBytes: number, fill: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(nBytes);
  fill(bytes);
  return bytes;
}

/** Interleaved samples as a program sends them. */
export function rawBytes(format: RawFormat, samples: readonly (readonly number[])[]): Buffer {
  if (format === 'csv') return Buffer.from(samples.map((values) => `${values.join(',')}\n`).join(''));
  return Buffer.concat(samples.flatMap((values) => values.map(WRITERS[format])));
}
