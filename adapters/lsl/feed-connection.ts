import { hostname } from 'node:os';
import type { Socket } from 'node:net';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { formatFeedRequest, parseFeedResponse, PROTOCOL_VERSION } from './feed.js';
import type { NumericFormat } from './formats.js';
import type { FoundStream } from './resolve.js';
import { SampleReader, type ValueOf } from './sample-reader.js';
import { connectTo } from './tcp.js';
import { TEST_PATTERN_TIME, TEST_PATTERNS, testPattern } from './test-pattern.js';

export interface FeedHandlers {
  /** A sample; `stamp` in seconds of the sender's clock, undefined where it follows from the one before. */
  readonly onSample: (stamp: number | undefined, valueOf: ValueOf) => void;
  /** After all samples that came together. */
  readonly onRead: () => void;
  /** The connection is over; nothing follows. */
  readonly onEnd: (error: ChirpdError) => void;
}

export interface FeedOptions {
  readonly format: NumericFormat;
  /** Of this machine, as it is told to the outlet. */
  readonly littleEndian: boolean;
  readonly handlers: FeedHandlers;
  readonly signal: AbortSignal;
}

/**
 * Outlets send every sample on its own. Reading at this pace, while they gather in the system's buffer, saves most of the
 * work that reading each would be.
 */
const READ_EVERY_MS = 40;
/** Read at once; when that much came, more waits. */
const READ_BYTES = 65_536;
/** What the outlet keeps for a daemon that is busy. */
const BUFFER_SECONDS = 60;
const MAX_HEADER_BYTES = 65_536;

/** The data of one stream, over one TCP connection. */
export class FeedConnection {
  readonly #found: FoundStream;
  readonly #options: FeedOptions;
  #socket: Socket | undefined;
  #header: Buffer | undefined = Buffer.alloc(0);
  #reader: SampleReader | undefined;
  #patterns: readonly number[] = TEST_PATTERNS;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(found: FoundStream, options: FeedOptions) {
    this.#found = found;
    this.#options = options;
  }

  /** @throws ChirpdError LSL_UNREACHABLE; everything later goes to `onEnd` */
  async open(): Promise<void> {
    const { format, littleEndian, signal } = this.#options;
    const buffer = Buffer.alloc(READ_BYTES);
    const callback = (nBytes: number): boolean => {
      this.#receive(buffer.subarray(0, nBytes));
      return nBytes === READ_BYTES;
    };
    const socket = await connectTo(this.#found, signal, { buffer, callback });
    this.#socket = socket;
    socket.on('close', () => {
      this.#end('LSL_HANGUP', 'has hung up: its program has ended, or the connection is lost');
    });
    const { uid, sourceId, sessionId, sampleRate } = this.#found.description;
    const own = { hostName: hostname(), bufferSamples: BUFFER_SECONDS * sampleRate };
    socket.write(formatFeedRequest({ uid, sourceId, sessionId, format, littleEndian, ...own }));
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #receive(chunk: Buffer): void {
    if (this.#isOver) return;
    const bytes = this.#header === undefined ? chunk : this.#readHeader(chunk);
    if (bytes !== undefined && bytes.length > 0) this.#readSamples(bytes);
    if (this.#isOver || chunk.length === READ_BYTES) return;
    this.#timer = setTimeout(() => this.#socket?.resume(), READ_EVERY_MS);
  }

  /** What follows the header, once that is whole. */
  #readHeader(chunk: Buffer): Buffer | undefined {
    const bytes = Buffer.concat([this.#header ?? Buffer.alloc(0), chunk]);
    this.#header = bytes;
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) {
      if (bytes.length > MAX_HEADER_BYTES) this.#end('LSL_PROTOCOL', 'does not answer as an LSL outlet does');
      return undefined;
    }
    const { format, littleEndian: own } = this.#options;
    try {
      const response = parseFeedResponse(bytes.toString('latin1', 0, end), own);
      const { uid, nChannels } = this.#found.description;
      if (response.status !== 200) {
        this.#end('LSL_PROTOCOL', `refuses to send: ${response.status} ${response.statusText}`);
      } else if (response.uid !== uid) {
        this.#end('LSL_PROTOCOL', 'is not there any more: another stream answers at its port');
      } else if (response.protocolVersion !== PROTOCOL_VERSION || response.littleEndian === undefined) {
        const version = (response.protocolVersion / 100).toFixed(2);
        this.#end('LSL_PROTOCOL', `sends data protocol ${version}; chirpd reads 1.10, which liblsl has since 2013`);
      } else {
        this.#reader = new SampleReader(format, nChannels, response.littleEndian);
        this.#header = undefined;
        return bytes.subarray(end + 4);
      }
    } catch (error) {
      this.#end('LSL_PROTOCOL', `does not answer as an LSL outlet does: ${(error as Error).message}`);
    }
    return undefined;
  }

  #readSamples(bytes: Buffer): void {
    const { handlers } = this.#options;
    const isClean = this.#reader?.read(bytes, (stamp, valueOf) => {
      const [pattern, ...rest] = this.#patterns;
      if (pattern === undefined) handlers.onSample(stamp, valueOf);
      else if (this.#isTestPattern(pattern, stamp, valueOf)) this.#patterns = rest;
      else this.#end('LSL_PROTOCOL', 'sends other test samples than LSL prescribes: its program writes another format');
      return !this.#isOver;
    });
    if (this.#isOver) return;
    handlers.onRead();
    if (isClean === false)
      this.#end('LSL_DAMAGED', 'sends bytes that are no samples: its program or the way to it is broken');
  }

  #isTestPattern(pattern: number, stamp: number | undefined, valueOf: ValueOf): boolean {
    const expected = testPattern(this.#options.format, this.#found.description.nChannels, pattern);
    const rounded = this.#options.format === 'float32' ? Math.fround : Number;
    return stamp === TEST_PATTERN_TIME && expected.every((value, i) => rounded(Number(value)) === valueOf(i));
  }

  #end(code: `LSL_${string}`, what: string): void {
    if (this.#isOver) return;
    this.close();
    const { name } = this.#found.description;
    this.#options.handlers.onEnd(new ChirpdError(code, `stream "${name}" at ${this.#found.address} ${what}`));
  }
}
