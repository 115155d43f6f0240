import type { RawData, WebSocket } from 'ws';
import { ChirpdError, errorText, isChirpdError } from '../../pipelines/core/errors.js';
import type { Subprotocol } from '../protocol/codec.js';
import { CLOSE, SUBPROTOCOL_MSGPACK } from '../protocol/messages.js';
import type { ServerMessage, SubscribeMessage, TimelineMessage, Topic } from '../protocol/messages.js';
import { closeReason } from './close-codes.js';
import { EncodedMessage } from './encoded-message.js';
import type { EventFeed } from './event-feed.js';
import type { LiveMessage, LiveTopic } from './hub.js';
import type { ServerLimits } from './limits.js';
import { readSubscribe } from './subscribe-schema.js';
import { toBytes } from './to-bytes.js';

/** Timeline messages sent per turn of the event loop. */
const PAGE = 64;

/**
 * One WebSocket connection. Live messages are left out while it is slow; events are read from the timeline at the pace
 * at which the client takes them.
 */
export class StreamClient {
  readonly #socket: WebSocket;
  readonly #subprotocol: Subprotocol;
  readonly #feed: EventFeed;
  readonly #limits: ServerLimits;
  #topics: ReadonlySet<Topic> = new Set();
  #beds: ReadonlySet<string> | undefined;
  /** Cursor of the last timeline message that was sent or did not concern this client. */
  #position = 0;
  #isPumpDue = false;
  /** Since when events wait because the socket is full. */
  #blockedSinceMs: number | undefined;
  readonly #nDropped = new Map<LiveTopic, number>();
  #isAlive = true;
  #isClosing = false;

  constructor(socket: WebSocket, subprotocol: Subprotocol, feed: EventFeed, limits: ServerLimits) {
    this.#socket = socket;
    this.#subprotocol = subprotocol;
    this.#feed = feed;
    this.#limits = limits;
    socket.on('message', (data, isBinary) => {
      this.#receive(data, isBinary);
    });
    socket.on('pong', () => {
      this.#isAlive = true;
    });
  }

  /** Timeline messages that this client has not been sent yet, other beds' included; 0 where it takes none. */
  get nBehind(): number {
    return this.#topics.has('events') && !this.#isClosing ? this.#feed.newestCursor - this.#position : 0;
  }

  wants(topic: LiveTopic, bed: string): boolean {
    return !this.#isClosing && this.#topics.has(topic) && this.#wantsBed(bed);
  }

  /** Hello, heartbeat and answers. */
  send(encoded: EncodedMessage): void {
    if (this.#isClosing) return;
    if (this.#socket.bufferedAmount > this.#limits.eventBufferBytes) {
      // Heartbeats may be left out, answers never: but who sends without reading what comes back is cut off.
      if (encoded.message.type !== 'heartbeat') this.close(CLOSE.tooSlow, 'too slow: answers are not being read');
      return;
    }
    this.#write(encoded);
  }

  sendLive(encoded: EncodedMessage<LiveMessage>): void {
    if (this.#isClosing) return;
    const topic = encoded.message.type;
    const nDropped = this.#nDropped.get(topic) ?? 0;
    if (this.#socket.bufferedAmount > this.#bufferBytes(topic)) {
      this.#nDropped.set(topic, nDropped + 1);
      return;
    }
    this.#tellDropped();
    this.#write(encoded);
  }

  /** Sends what the timeline holds past this client's position, as far as the socket takes it. */
  pump(): void {
    if (this.#isPumpDue || this.#isClosing || !this.#topics.has('events')) return;
    if (this.#position >= this.#feed.newestCursor) {
      this.#blockedSinceMs = undefined;
      return;
    }
    if (this.#socket.bufferedAmount > this.#limits.eventBufferBytes) {
      this.#blockedSinceMs ??= performance.now();
      return;
    }
    this.#blockedSinceMs = undefined;
    this.#sendPage();
    if (this.#position >= this.#feed.newestCursor) return;
    this.#isPumpDue = true;
    setImmediate(() => {
      this.#isPumpDue = false;
      this.pump();
    });
  }

  /** Looks after a client that takes nothing; called several times a second. */
  sweep(nowMs: number): void {
    if (this.#isClosing) return;
    if (this.#socket.bufferedAmount < this.#limits.waveformBufferBytes) this.#tellDropped();
    this.pump();
    if (this.#blockedSinceMs !== undefined && nowMs - this.#blockedSinceMs > this.#limits.slowClientMs) {
      this.close(CLOSE.tooSlow, 'too slow: resume with "since" and the last cursor you have');
    }
  }

  /** Drops a client that did not answer the last ping, else sends the next. */
  ping(): void {
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }

  close(code: number, reason: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#socket.close(code, closeReason(reason));
    const timer = setTimeout(() => {
      this.#socket.terminate();
    }, this.#limits.closeTimeoutMs);
    this.#socket.once('close', () => {
      clearTimeout(timer);
    });
  }

  terminate(): void {
    this.#isClosing = true;
    this.#socket.terminate();
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#isClosing) return;
    try {
      const bytes = toBytes(data);
      this.#subscribe(readSubscribe(this.#subprotocol, isBinary ? bytes : Buffer.from(bytes).toString()));
    } catch (error) {
      this.#refuse(error, CLOSE.badMessage);
    }
  }

  #subscribe({ topics, beds, since }: SubscribeMessage): void {
    const newest = this.#feed.newestCursor;
    if (since !== undefined && since > newest) {
      const text = `There is no cursor ${String(since)} in this timeline (the newest is ${String(newest)}): it is another one`;
      this.#refuse(new ChirpdError('PROTOCOL_UNKNOWN_CURSOR', text), CLOSE.cursorTooOld);
      return;
    }
    const hadEvents = this.#topics.has('events');
    this.#topics = new Set(topics);
    this.#beds = beds && new Set(beds);
    // A connection that had events already goes on where it was, so that changing the filter loses nothing.
    this.#position = since ?? (hadEvents ? this.#position : newest);
    // From the beginning means from what is kept of it.
    if (since === 0) this.#position = Math.max(0, this.#feed.oldestCursor - 1);
    for (const topic of this.#nDropped.keys()) if (!this.#topics.has(topic)) this.#nDropped.delete(topic);
    this.send(new EncodedMessage({ type: 'subscribed', topics: [...this.#topics], beds: beds ?? 'all' }));
    this.pump();
  }

  #sendPage(): void {
    let page: readonly EncodedMessage<TimelineMessage>[];
    try {
      page = this.#feed.page(this.#position, PAGE);
    } catch (error) {
      this.#refuse(error, isChirpdError(error, 'PROTOCOL_CURSOR_TOO_OLD') ? CLOSE.cursorTooOld : CLOSE.internalError);
      return;
    }
    for (const encoded of page) {
      if (this.#wantsBed(encoded.message.bed)) this.#write(encoded);
      this.#position = encoded.message.cursor;
    }
  }

  #refuse(error: unknown, closeCode: number): void {
    const code = error instanceof ChirpdError ? error.code : 'PROTOCOL_INTERNAL';
    const message: ServerMessage = { type: 'error', code, message: errorText(error) };
    this.send(new EncodedMessage(message));
    this.close(closeCode, code);
  }

  #tellDropped(): void {
    for (const [topic, nMessages] of this.#nDropped) {
      this.#write(new EncodedMessage({ type: 'dropped', topic, nMessages }));
    }
    this.#nDropped.clear();
  }

  #wantsBed(bed: string): boolean {
    return this.#beds?.has(bed) ?? true;
  }

  #bufferBytes(topic: LiveTopic): number {
    return topic === 'waveform' ? this.#limits.waveformBufferBytes : this.#limits.liveBufferBytes;
  }

  #write(encoded: EncodedMessage): void {
    const binary = this.#subprotocol === SUBPROTOCOL_MSGPACK;
    this.#socket.send(encoded.frame(this.#subprotocol), { binary }, this.#onWritten);
  }

  readonly #onWritten = (): void => {
    if (this.#blockedSinceMs !== undefined && this.#socket.bufferedAmount <= this.#limits.eventBufferBytes) this.pump();
  };
}
