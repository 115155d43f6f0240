import type { ChildProcess, StdioOptions } from 'node:child_process';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { Float32Pool } from '../pipelines/core/float32-pool.js';

/**
 * Canvases go to the inference process on a channel of their own, as bare bytes in the order of the requests: messages
 * would copy each megabyte several times into memory that is new each time.
 */
const CANVAS_FD = 4;
/** What the process is started with: its three streams, the channel of messages, this one. */
export const INFERENCE_STDIO: StdioOptions = ['inherit', 'inherit', 'inherit', 'ipc', 'pipe'];
const READ_BYTES = 256 * 1024;

/** The daemon's end. */
export function canvasChannelOf(child: ChildProcess): Writable {
  const channel = child.stdio[CANVAS_FD];
  if (!(channel instanceof Socket)) throw new Error('the inference process was started without a channel for canvases');
  return channel;
}

interface Wanted {
  readonly canvases: Float32Array;
  readonly bytes: Uint8Array;
  nRead: number;
  readonly done: (canvases: Float32Array) => void;
}

/** The end in the inference process. Bytes may be here before the request that they belong to, and after it. */
export class CanvasReader {
  readonly #awaited: Wanted[] = [];
  /** Bytes whose request has not come. */
  #early: Uint8Array[] = [];
  /** Two are on their way at a time, and one runs. */
  readonly #pool = new Float32Pool(16 * 2 ** 20);

  constructor(fd = CANVAS_FD) {
    const buffer = new Uint8Array(READ_BYTES);
    const onread = {
      buffer,
      callback: (nBytes: number): boolean => {
        this.#take(buffer.subarray(0, nBytes));
        return true;
      },
    };
    // The daemon's death is told by the other channel.
    const options = { fd, readable: true, writable: false, onread };
    new Socket(options).on('error', () => undefined).resume();
  }

  /** @param done called with so many numbers once they are here; they are to be given back */
  read(length: number, done: (canvases: Float32Array) => void): void {
    const canvases = this.#pool.take(length);
    this.#awaited.push({ canvases, bytes: new Uint8Array(canvases.buffer), nRead: 0, done });
    const early = this.#early;
    this.#early = [];
    for (const bytes of early) this.#take(bytes);
  }

  giveBack(canvases: Float32Array): void {
    this.#pool.give(canvases);
  }

  #take(read: Uint8Array): void {
    for (let rest = read; rest.length > 0;) {
      const [first] = this.#awaited;
      if (first === undefined) {
        this.#early.push(rest.slice());
        return;
      }
      const part = rest.subarray(0, first.bytes.length - first.nRead);
      first.bytes.set(part, first.nRead);
      first.nRead += part.length;
      rest = rest.subarray(part.length);
      if (first.nRead < first.bytes.length) return;
      this.#awaited.shift();
      first.done(first.canvases);
    }
  }
}
