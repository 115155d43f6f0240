import type { Socket } from 'node:net';
import { formatFeedRefusal, formatFeedResponse, parseFeedRequest, PROTOCOL_VERSION, type FeedRequest } from './feed.js';
import { valueBytes } from './formats.js';
import { writeSample, type SampleValues } from './sample-writer.js';
import { formatStreamDescription, type LslStreamDescription } from './stream-description.js';
import { TEST_PATTERN_TIME, TEST_PATTERNS, testPattern } from './test-pattern.js';

/** Longest request, and how long it may take to come. */
const MAX_REQUEST_BYTES = 65_536;
const REQUEST_MS = 5000;
/** What may wait for an inlet that does not read. Past that it is hung up on, and may come again. */
const MAX_WAITING_BYTES = 4 * 2 ** 20;

export interface OutletSessionOptions {
  readonly description: LslStreamDescription;
  /** Whether the stream is one that a query looks for. */
  readonly matches: (query: string) => boolean;
  readonly onClose: () => void;
}

/** One connection to an outlet: a question for its info, or an inlet that is fed. */
export class OutletSession {
  readonly #socket: Socket;
  readonly #options: OutletSessionOptions;
  readonly #timer: NodeJS.Timeout;
  #request = Buffer.alloc(0);
  #feed: FeedRequest | undefined;

  constructor(socket: Socket, options: OutletSessionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#timer = setTimeout(() => socket.destroy(), REQUEST_MS);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(this.#timer);
      options.onClose();
    });
    socket.on('data', (chunk: Buffer) => {
      // What an inlet says after its request means nothing.
      if (this.#feed === undefined && !socket.writableEnded) this.#read(chunk);
    });
  }

  /** Whether samples go to it. */
  get isFed(): boolean {
    return this.#feed !== undefined;
  }

  push(values: SampleValues, stamp: number): void {
    if (this.#feed === undefined || this.#socket.destroyed) return;
    this.#socket.write(writeSample(this.#options.description.format, values, stamp, this.#feed.littleEndian));
    if (this.#socket.writableLength > MAX_WAITING_BYTES) this.close();
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#request = Buffer.concat([this.#request, chunk]);
    const text = this.#request.toString('utf8');
    const [method = '', ...lines] = text.split('\r\n');
    if (this.#request.length > MAX_REQUEST_BYTES) this.close();
    else if (lines.length === 0) return;
    else if (method === 'LSL:fullinfo') this.#answer(formatStreamDescription(this.#options.description, true));
    else if (method === 'LSL:shortinfo') {
      if (lines.length < 2) return;
      const isWanted = this.#options.matches(lines[0]!.trim());
      this.#answer(isWanted ? formatStreamDescription(this.#options.description, false) : '');
    } else if (method.startsWith('LSL:streamfeed/')) {
      const end = text.indexOf('\r\n\r\n');
      if (end >= 0) this.#start(text.slice(0, end));
    } else this.close();
  }

  #answer(text: string): void {
    clearTimeout(this.#timer);
    this.#socket.end(text);
  }

  #start(header: string): void {
    const { uid, format, nChannels } = this.#options.description;
    let request: FeedRequest;
    try {
      request = parseFeedRequest(header);
    } catch {
      this.close();
      return;
    }
    const size = valueBytes(format);
    if (request.protocolVersion >= 200) this.#answer(formatFeedRefusal(505, 'Version not supported'));
    else if (request.uid !== '' && request.uid !== uid) this.#answer(formatFeedRefusal(404, 'Not found'));
    else if (request.protocolVersion < PROTOCOL_VERSION)
      this.#answer(formatFeedRefusal(505, 'Protocol 1.10 is needed'));
    else if (size > 0 && request.valueBytes !== undefined && request.valueBytes !== size) {
      this.#answer(formatFeedRefusal(406, 'Values of another size cannot be sent'));
    } else {
      clearTimeout(this.#timer);
      this.#socket.write(formatFeedResponse(uid, request.littleEndian));
      for (const pattern of TEST_PATTERNS) {
        const values = testPattern(format, nChannels, pattern);
        this.#socket.write(writeSample(format, values, TEST_PATTERN_TIME, request.littleEndian));
      }
      // An inlet that keeps nothing wants to know only whether it is understood.
      if (request.bufferSamples > 0) this.#feed = request;
    }
  }
}
