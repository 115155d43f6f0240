import { open, stat, type FileHandle } from 'node:fs/promises';
import { ChirpdError, errorText, type ErrorCode } from '../../pipelines/core/errors.js';

/** Opens a file that can be read at any position. @throws ChirpdError `code` where it is not there or no regular file */
export async function openRegularFile(
  path: string,
  code: ErrorCode = 'RECORDING_OPEN',
): Promise<{ readonly handle: FileHandle; readonly sizeBytes: number }> {
  try {
    // Before opening: a pipe without a writer would never open.
    const stats = await stat(path);
    if (!stats.isFile()) throw new Error('it is not a regular file');
    return { handle: await open(path, 'r'), sizeBytes: stats.size };
  } catch (error) {
    const message = `${path}: cannot be opened: ${errorText(error)}. Check the path and its permissions`;
    throw new ChirpdError(code, message, { cause: error });
  }
}

/** Reads until `target` is full or the file ends. @returns bytes read */
export async function readFully(handle: FileHandle, target: Uint8Array, position: number): Promise<number> {
  let n = 0;
  while (n < target.length) {
    const { bytesRead } = await handle.read(target, n, target.length - n, position + n);
    if (bytesRead === 0) break;
    n += bytesRead;
  }
  return n;
}

/** A regular file that is read in pieces. */
export class DiskFile {
  readonly path: string;
  /** When it was opened. */
  readonly sizeBytes: number;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle, sizeBytes: number) {
    this.path = path;
    this.#handle = handle;
    this.sizeBytes = sizeBytes;
  }

  /** @throws ChirpdError RECORDING_OPEN */
  static async open(path: string): Promise<DiskFile> {
    const { handle, sizeBytes } = await openRegularFile(path);
    return new DiskFile(path, handle, sizeBytes);
  }

  /**
   * Reads into `target` from a position of the file.
   * @returns the part of `target` that was filled: shorter only where the file ends
   * @throws ChirpdError RECORDING_READ
   */
  async read(position: number, target: Uint8Array): Promise<Uint8Array> {
    try {
      return target.subarray(0, await readFully(this.#handle, target, position));
    } catch (error) {
      const message = `${this.path}: cannot be read at byte ${position}: ${errorText(error)}`;
      throw new ChirpdError('RECORDING_READ', message, { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
