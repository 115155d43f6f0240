import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import { DiskFile } from '../replay/disk-file.js';

const READ_BYTES = 256 * 1024;

/** Where bytes come from, in order. */
interface ByteSource {
  /** The next bytes; empty at the end. Valid until the next call. */
  next(): Promise<Uint8Array>;
  /** Passes over up to n bytes without reading them. @returns how many */
  skip?(n: number): number;
  close(): Promise<void>;
}

function plainSource(file: DiskFile): ByteSource {
  const buffer = new Uint8Array(READ_BYTES);
  let position = 0;
  return {
    next: async () => {
      const bytes = await file.read(position, buffer);
      position += bytes.length;
      return bytes;
    },
    skip: (n) => {
      const skipped = Math.max(0, Math.min(n, file.sizeBytes - position));
      position += skipped;
      return skipped;
    },
    close: () => file.close(),
  };
}

/** A compressed file that is cut off ends like any other; damage to it is an error. */
function gzipSource(path: string): ByteSource {
  const compressed = createReadStream(path, { highWaterMark: READ_BYTES });
  const stream = createGunzip({ chunkSize: READ_BYTES });
  compressed.on('error', (error) => stream.destroy(error));
  compressed.pipe(stream);
  const chunks = stream[Symbol.asyncIterator]();
  return {
    next: async () => {
      try {
        const { value, done } = (await chunks.next()) as IteratorResult<Uint8Array, undefined>;
        return done === true ? new Uint8Array(0) : value;
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR') return new Uint8Array(0);
        const message = `${path}: its compression (gzip) is damaged: ${errorText(error)}. Copy the file again`;
        throw new ChirpdError('XDF_DAMAGED', message, { cause: error });
      }
    },
    close: async () => {
      compressed.destroy();
      stream.destroy();
      if (!compressed.closed) await once(compressed, 'close');
    },
  };
}

/** Reads a file from its beginning to its end, once; compressed files (gzip) are recognised by their first bytes. */
export class ByteReader {
  readonly path: string;
  readonly #source: ByteSource;
  readonly #signal: AbortSignal;
  #bytes: Uint8Array = new Uint8Array(0);
  #view = new DataView(new ArrayBuffer(0));
  #at = 0;
  #before = 0;

  private constructor(path: string, source: ByteSource, signal: AbortSignal) {
    this.path = path;
    this.#source = source;
    this.#signal = signal;
  }

  /** @throws ChirpdError RECORDING_OPEN, RECORDING_READ */
  static async open(path: string, signal: AbortSignal): Promise<ByteReader> {
    const file = await DiskFile.open(path);
    const magic = await file.read(0, new Uint8Array(2));
    if (magic[0] !== 0x1f || magic[1] !== 0x8b) return new ByteReader(path, plainSource(file), signal);
    await file.close();
    return new ByteReader(path, gzipSource(path), signal);
  }

  /** Bytes since the beginning of the (uncompressed) file. */
  get position(): number {
    return this.#before + this.#at;
  }

  /** True where `n` bytes can be taken without waiting. */
  has(n: number): boolean {
    return this.#bytes.length - this.#at >= n;
  }

  /** Waits until `n` bytes can be taken. @returns false where the file ends before */
  async need(n: number): Promise<boolean> {
    while (!this.has(n)) {
      this.#signal.throwIfAborted();
      const rest = this.#bytes.subarray(this.#at);
      const next = await this.#source.next();
      if (next.length === 0) return false;
      const joined = new Uint8Array(rest.length + next.length);
      joined.set(rest);
      joined.set(next, rest.length);
      this.#before += this.#at;
      this.#bytes = joined;
      this.#view = new DataView(joined.buffer);
      this.#at = 0;
    }
    return true;
  }

  /** Passes over `n` bytes. @returns false where the file ends before */
  async skip(n: number): Promise<boolean> {
    let left = n;
    for (;;) {
      const held = Math.min(left, this.#bytes.length - this.#at);
      this.#at += held;
      left -= held;
      if (left === 0) return true;
      const passed = this.#source.skip?.(left) ?? 0;
      this.#before += passed;
      left -= passed;
      if (left === 0) return true;
      if (!(await this.need(1))) return false;
    }
  }

  /** `n` bytes that `need` has seen; valid until the next `need`. */
  take(n: number): Uint8Array {
    this.#at += n;
    return this.#bytes.subarray(this.#at - n, this.#at);
  }

  uint8(): number {
    return this.#view.getUint8(this.#at++);
  }

  int8(): number {
    return this.#view.getInt8(this.#at++);
  }

  uint16(): number {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2, true);
  }

  int16(): number {
    this.#at += 2;
    return this.#view.getInt16(this.#at - 2, true);
  }

  uint32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }

  int32(): number {
    this.#at += 4;
    return this.#view.getInt32(this.#at - 4, true);
  }

  uint64(): number {
    this.#at += 8;
    return Number(this.#view.getBigUint64(this.#at - 8, true));
  }

  int64(): number {
    this.#at += 8;
    return Number(this.#view.getBigInt64(this.#at - 8, true));
  }

  float32(): number {
    this.#at += 4;
    return this.#view.getFloat32(this.#at - 4, true);
  }

  float64(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  async close(): Promise<void> {
    await this.#source.close();
  }
}
