import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';

/** An array in a `.npy` file, which stays open; C order. */
export interface NpyFile {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'float64';
  /**
   * Reads entries of the first axis, as float32 whatever they are stored as.
   * @returns shape (n, ...shape.slice(1)), C order
   * @throws ChirpdError SCORE_NPY
   */
  read(first: number, n: number): Float32Array;
  close(): void;
}

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');
/** As NumPy limits it. */
const MAXIMUM_HEADER_BYTES = 10_000;
const BYTES = { float32: 4, float64: 8 } as const;

/**
 * Opens a `.npy` file (NumPy's format, versions 1 to 3) of little-endian float32 or float64 in C order.
 * @throws ChirpdError SCORE_READ where it cannot be opened, SCORE_NPY where it is none or holds something else
 */
export function openNpy(path: string): NpyFile {
  const file = attempt(path, () => openSync(path, 'r'));
  try {
    const { shape, dtype, dataOffset } = readHeader(path, file);
    const entryValues = shape.slice(1).reduce((product, each) => product * each, 1);
    const entryBytes = entryValues * BYTES[dtype];
    const expected = dataOffset + entryBytes * shape[0]!;
    const { size } = attempt(path, () => fstatSync(file));
    if (size !== expected) {
      throw npyError(path, `has ${String(size)} bytes where its header asks for ${String(expected)}`);
    }
    return {
      shape,
      dtype,
      read: (first, n) => {
        if (!(first >= 0 && n >= 0 && first + n <= shape[0]!))
          throw npyError(path, `has no entry ${String(first + n)}`);
        const bytes = readBytes(path, file, dataOffset + first * entryBytes, n * entryBytes);
        const { buffer, byteOffset } = bytes;
        if (dtype === 'float32') return new Float32Array(buffer, byteOffset, n * entryValues);
        return Float32Array.from(new Float64Array(buffer, byteOffset, n * entryValues));
      },
      close: () => {
        closeSync(file);
      },
    };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

interface NpyHeader {
  readonly shape: readonly number[];
  readonly dtype: NpyFile['dtype'];
  readonly dataOffset: number;
}

function readHeader(path: string, file: number): NpyHeader {
  const { size } = attempt(path, () => fstatSync(file));
  const start = readBytes(path, file, 0, Math.min(size, 12));
  if (start.length < 10 || !start.subarray(0, 6).equals(MAGIC)) throw npyError(path, 'is no .npy file');
  const version = start[6]!;
  if (version < 1 || version > 3 || start[7] !== 0) {
    throw npyError(path, `has format version ${String(version)}.${String(start[7])}; 1.0, 2.0 and 3.0 can be read`);
  }
  const lengthBytes = version === 1 ? 2 : 4;
  if (start.length < 8 + lengthBytes) throw npyError(path, 'ends in its header');
  const headerBytes = version === 1 ? start.readUInt16LE(8) : start.readUInt32LE(8);
  const dataOffset = 8 + lengthBytes + headerBytes;
  if (headerBytes > MAXIMUM_HEADER_BYTES) throw npyError(path, `has a header of ${String(headerBytes)} bytes`);
  if (size < dataOffset) throw npyError(path, 'ends in its header');
  const text = readBytes(path, file, 8 + lengthBytes, headerBytes).toString(version === 3 ? 'utf8' : 'latin1');
  return { ...parseHeader(path, text), dataOffset };
}

/** Reads the header's Python dictionary, whose three keys NumPy writes in alphabetical order. */
function parseHeader(path: string, text: string): Omit<NpyHeader, 'dataOffset'> {
  const match =
    /^\{\s*'descr'\s*:\s*(?<descr>'[^']*'|\[.*\])\s*,\s*'fortran_order'\s*:\s*(?<fortran>True|False)\s*,\s*'shape'\s*:\s*\((?<shape>[\d,\s]*)\)\s*,?\s*\}\s*$/s.exec(
      text,
    );
  if (match?.groups === undefined) throw npyError(path, 'has a header that cannot be read');
  const { descr = '', fortran, shape = '' } = match.groups;
  const dtype = descr === "'<f4'" ? 'float32' : descr === "'<f8'" ? 'float64' : undefined;
  if (dtype === undefined) {
    throw npyError(path, `holds ${descr.slice(0, 60)}; save it as float32: np.save(path, x.astype('<f4'))`);
  }
  if (fortran === 'True') throw npyError(path, 'is in Fortran order; save np.ascontiguousarray(x)');
  if (!/^\s*(\d+\s*,\s*)*(\d+\s*)?$/.test(shape)) throw npyError(path, 'has a header that cannot be read');
  const axes = shape.split(',').flatMap((axis) => (axis.trim() === '' ? [] : [Number(axis)]));
  const nValues = axes.reduce((product, axis) => product * axis, 1);
  if (axes.length === 0 || !Number.isSafeInteger(nValues * BYTES.float64) || !axes.every(Number.isSafeInteger)) {
    throw npyError(path, `has shape (${shape})`);
  }
  return { shape: axes, dtype };
}

/** A buffer of its own, so that its start is aligned for any number. */
function readBytes(path: string, file: number, position: number, length: number): Buffer {
  const bytes = Buffer.from(new ArrayBuffer(length));
  for (let at = 0; at < length;) {
    const n = attempt(path, () => readSync(file, bytes, at, length - at, position + at));
    if (n === 0) throw npyError(path, 'became shorter while it was read');
    at += n;
  }
  return bytes;
}

function npyError(path: string, problem: string): ChirpdError {
  return new ChirpdError('SCORE_NPY', `${path} ${problem}`);
}

function attempt<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (cause) {
    throw new ChirpdError('SCORE_READ', `cannot read ${path}: ${errorText(cause)}`, { cause });
  }
}
