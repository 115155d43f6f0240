import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { ChirpdError, errorText, isChirpdError } from '../../pipelines/core/errors.js';
import type { Subprotocol } from '../protocol/codec.js';
import { CLOSE, SUBPROTOCOL_MSGPACK } from '../protocol/messages.js';
import type { ServerMessage, SubscribeMessage } from '../protocol/messages.js';
import type { CatchUp, Latecomer } from './catch-up.js';
import { closeReason } from './close-codes.js';
import type { ConnectionCounters } from './connection-counters.js';
import { EncodedMessage } from './encoded-message.js';
import type { EventFeed } from './event-feed.js';
import type { LiveMessage, LiveTopic } from './hub.js';
import type { LeftOut } from './left-out.js';
import type { ServerLimits } from './limits.js';
import { RateLimit } from './rate-limit.js';
import { readSubscribe } from './subscribe-schema.js';
import { Subscription } from './subscription.js';
import { toBytes } from './to-bytes.js';

export interface StreamClientOptions {
  readonly socket: WebSocket;
  /** Under the socket. */
  readonly transport: Duplex;
  readonly subprotocol: Subprotocol;
  readonly feed: EventFeed;
  readonly catchUp: CatchUp;
  readonly limits: ServerLimits;
  readonly counters: ConnectionCounters;
  /** Of all clients together. */
  readonly leftOut: LeftOut;
}

/** Timeline messages looked at before others have their turn, and bytes of them. */
const PAGE = 128;
const PAGE_BYTES = 64 * 1024;
/** Who is behind by no more than this, all of it told a moment ago, gets it at once. */
const NEARLY_LIVE = 32;

/**
 * One WebSocket connection. Live messages are left out while it is slow; events are read from the timeline at the pace
 * at which the client takes them.
 */
export class StreamClient implements Latecomer {
  readonly #options: StreamClientOptions;
  readonly #subscribes: RateLimit;
  #subscription = new Subscription({ topics: [] });
  /** Cursor of the last timeline message that was sent or did not concern this client. */
  #position = 0;
  /** Since when events wait because the socket is full. */
  #blockedSinceMs: number | undefined;
  readonly #nDropped = new Map<LiveTopic, number>();
  #isAlive = true;
  #isClosing = false;

  constructor(options: StreamClientOptions) {
    this.#options = options;
    this.#subscribes = new RateLimit(options.limits.subscribesPerMinute);
    options.socket.on('message', (data, isBinary) => {
      this.#receive(data, isBinary);
    });
    options.socket.on('pong', () => {
      this.#isAlive = true;
    });
  }

  /** Timeline messages that this client has not been sent yet, other beds' included; 0 where it takes none. */
  get nBehind(): number {
    return this.#takesTimeline ? this.#options.feed.newestCursor - this.#position : 0;
  }

  wants(topic: LiveTopic, bed: string, isReplay: boolean): boolean {
    return !this.#isClosing && this.#subscription.wantsLive(topic, bed, isReplay);
  }

  /** Hello, heartbeat and answers. */
  send(encoded: EncodedMessage): void {
    if (this.#isClosing) return;
    if (this.#isFull) {
      // Heartbeats may be left out, answers never: but who sends without reading what comes back is cut off.
      if (encoded.message.type !== 'heartbeat') this.close(CLOSE.tooSlow, 'too slow: answers are not being read');
      return;
    }
    this.#write(encoded);
  }

  sendLive(encoded: EncodedMessage<LiveMessage>): void {
    if (this.#isClosing) return;
    const topic = encoded.message.type;
    if (this.#options.socket.bufferedAmount > this.#bufferBytes(topic)) {
      this.#nDropped.set(topic, (this.#nDropped.get(topic) ?? 0) + 1);
      this.#options.leftOut.count(topic);
      return;
    }
    this.#tellDropped();
    this.#write(encoded);
  }

  /** Sends what the timeline holds past this client's position: what is new at once, what is more when its turn comes. */
  pump(): void {
    if (!this.#hasToSend()) return;
    const isNear = this.nBehind <= NEARLY_LIVE && this.#options.feed.isRecent(this.#position);
    if (!isNear || this.sendSome()) this.#options.catchUp.add(this);
  }

  sendSome(): boolean {
    if (!this.#hasToSend()) return false;
    const { feed, transport } = this.#options;
    // What goes out together goes to the system together.
    transport.cork();
    try {
      for (const frame of feed.page(this.#position, PAGE, PAGE_BYTES)) {
        const picked = this.#subscription.pick(frame, feed);
        if (picked !== undefined) this.#write(picked);
        this.#position = frame.cursor;
        if (this.#isFull) break;
      }
    } catch (error) {
      this.#refuse(error, isChirpdError(error, 'PROTOCOL_CURSOR_TOO_OLD') ? CLOSE.cursorTooOld : CLOSE.internalError);
    } finally {
      transport.uncork();
    }
    return this.#hasToSend();
  }

  /** Looks after a client that takes nothing; called several times a second. */
  sweep(nowMs: number): void {
    if (this.#isClosing) return;
    const { socket, limits } = this.#options;
    if (socket.bufferedAmount < limits.waveformBufferBytes) this.#tellDropped();
    this.pump();
    if (this.#blockedSinceMs !== undefined && nowMs - this.#blockedSinceMs > limits.slowClientMs) {
      this.close(CLOSE.tooSlow, 'too slow: resume with "since" and the last cursor you have');
    }
  }

  /** Drops a client that did not answer the last ping, else sends the next. */
  ping(): void {
    const { socket, counters } = this.#options;
    if (!this.#isAlive) {
      if (!this.#isClosing) counters.closed(1006);
      this.terminate();
      return;
    }
    this.#isAlive = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }

  close(code: number, reason: string): void {
    if (this.#isClosing) return;
    const { socket, limits, counters, catchUp } = this.#options;
    this.#isClosing = true;
    catchUp.remove(this);
    counters.closed(code);
    socket.close(code, closeReason(reason));
    const timer = setTimeout(() => {
      socket.terminate();
    }, limits.closeTimeoutMs);
    socket.once('close', () => {
      clearTimeout(timer);
    });
  }

  terminate(): void {
    this.#isClosing = true;
    this.#options.catchUp.remove(this);
    this.#options.socket.terminate();
  }

  get #takesTimeline(): boolean {
    return this.#subscription.hasTimeline && !this.#isClosing;
  }

  get #isFull(): boolean {
    return this.#options.socket.bufferedAmount > this.#options.limits.eventBufferBytes;
  }

  /** Whether timeline messages can be sent now; keeps count of since when they cannot. */
  #hasToSend(): boolean {
    if (!this.#takesTimeline) return false;
    const waits = this.nBehind > 0;
    if (!waits || !this.#isFull) this.#blockedSinceMs = undefined;
    else this.#blockedSinceMs ??= performance.now();
    return waits && this.#blockedSinceMs === undefined;
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#isClosing) return;
    try {
      const bytes = toBytes(data);
      this.#subscribe(readSubscribe(this.#options.subprotocol, isBinary ? bytes : Buffer.from(bytes).toString()));
    } catch (error) {
      this.#refuse(error, CLOSE.badMessage);
    }
  }

  #subscribe(message: SubscribeMessage): void {
    const { feed, limits } = this.#options;
    const { topics, beds, minimumScore, since } = message;
    const newest = feed.newestCursor;
    if (!this.#subscribes.take()) {
      const text = `More than ${String(limits.subscribesPerMinute)} subscribe messages in a minute`;
      this.#refuse(new ChirpdError('PROTOCOL_TOO_MANY_SUBSCRIBES', text), CLOSE.tooManySubscribes);
      return;
    }
    if (since !== undefined && since > newest) {
      const text = `There is no cursor ${String(since)} in this timeline (the newest is ${String(newest)}): it is another one`;
      this.#refuse(new ChirpdError('PROTOCOL_UNKNOWN_CURSOR', text), CLOSE.cursorTooOld);
      return;
    }
    const hadTimeline = this.#subscription.hasTimeline;
    this.#subscription = new Subscription(message);
    // A connection that had events already goes on where it was, so that changing the filter loses nothing.
    this.#position = since ?? (hadTimeline ? this.#position : newest);
    // From the beginning means from what is kept of it.
    if (since === 0) this.#position = Math.max(0, feed.oldestCursor - 1);
    for (const topic of this.#nDropped.keys()) {
      if (!this.#subscription.topics.has(topic)) this.#nDropped.delete(topic);
    }
    const answer = { type: 'subscribed', topics: [...new Set(topics)], beds: beds ?? 'all' } as const;
    this.send(new EncodedMessage({ ...answer, ...(minimumScore !== undefined && { minimumScore }) }));
    this.pump();
  }

  #refuse(error: unknown, closeCode: number): void {
    const code = error instanceof ChirpdError ? error.code : 'PROTOCOL_INTERNAL';
    const { oldestCursor, newestCursor } = this.#options.feed;
    const message: ServerMessage = {
      type: 'error',
      code,
      message: errorText(error),
      ...(closeCode === CLOSE.cursorTooOld && { oldestCursor, newestCursor }),
    };
    this.send(new EncodedMessage(message));
    this.close(closeCode, code);
  }

  #tellDropped(): void {
    for (const [topic, nMessages] of this.#nDropped) {
      this.#write(new EncodedMessage({ type: 'dropped', topic, nMessages }));
    }
    this.#nDropped.clear();
  }

  #bufferBytes(topic: LiveTopic): number {
    const { limits } = this.#options;
    return topic === 'waveform' || topic === 'channels' ? limits.waveformBufferBytes : limits.liveBufferBytes;
  }

  #write(encoded: Pick<EncodedMessage, 'frame'>): void {
    const { socket, subprotocol } = this.#options;
    socket.send(encoded.frame(subprotocol), { binary: subprotocol === SUBPROTOCOL_MSGPACK }, this.#onWritten);
  }

  readonly #onWritten = (): void => {
    if (this.#blockedSinceMs !== undefined && !this.#isFull) this.pump();
  };
}
