import { ChirpdError } from '../../pipelines/core/errors.js';
import {
  CLOSE,
  isTimelineMessage,
  isUnknownRecord,
  STREAM_PATH,
  SUBPROTOCOL_MSGPACK,
  TIMELINE_TOPICS,
} from '../protocol/messages.js';
import type { HelloMessage, ServerMessage, SubscribeMessage } from '../protocol/messages.js';
import { interopObservable } from './interop-observable.js';
import type { InteropObservable, Sink } from './interop-observable.js';
import { MessageBuffer } from './message-buffer.js';
import { REASONS } from './reasons.js';
import { Retry } from './retry.js';
import { StreamConnection } from './stream-connection.js';
import type { Ending } from './stream-connection.js';
import { TimelineLostError } from './subscriber-options.js';
import type { SubscriberFigures, SubscriberOptions, SubscriberState } from './subscriber-options.js';
import { globalWebSocket, webSocketUrl } from './web-socket.js';
import type { WebSocketClass } from './web-socket.js';

/** Close codes after which another attempt would end the same way. */
const FINAL_CODES: ReadonlySet<number> = new Set([
  1002,
  1007,
  1008,
  1009,
  CLOSE.badMessage,
  CLOSE.noSubprotocol,
  CLOSE.tooManySubscribes,
]);
const MAX_BUFFERED = 1024;

/**
 * Hears what a daemon tells: connects while somebody listens, comes back by itself after a break, and goes on after the
 * last timeline message it had, so that none is missing, none comes twice, and their order is kept. Works in browsers and Node.
 */
export class Subscriber {
  /**
   * Every message of the daemon, but timeline messages that came before. All who subscribe share one connection; it opens with
   * the first of them and closes when the last leaves, and who subscribes later goes on after the newest cursor. Ends
   * with an error where no attempt could help, and completes with `close`.
   */
  readonly messages$: InteropObservable<ServerMessage>;
  /** What becomes of the connection: the present state first, then each change. */
  readonly state$: InteropObservable<SubscriberState>;
  readonly #options: SubscriberOptions;
  readonly #url: string;
  readonly #webSocket: WebSocketClass;
  readonly #sinks = new Set<Sink<ServerMessage>>();
  readonly #buffers = new Set<MessageBuffer>();
  readonly #stateSinks = new Set<Sink<SubscriberState>>();
  #state: SubscriberState = { type: 'idle', sinceMs: Date.now(), reason: '' };
  #connection: StreamConnection | undefined;
  #cursor: number | undefined;
  readonly #retry: Retry;
  #isHeld = false;
  #failure: ChirpdError | undefined;
  #nConnections = 0;
  #nHeld = 0;

  /** Nothing is opened before somebody listens. @throws ChirpdError SUBSCRIBE_CLIENT where this cannot work at all */
  constructor(options: SubscriberOptions) {
    const webSocket = options.webSocket ?? globalWebSocket();
    if (webSocket === undefined) {
      const text = 'there is no WebSocket here: give one as `webSocket`, as that of package ws';
      throw new ChirpdError('SUBSCRIBE_CLIENT', text);
    }
    this.#url = webSocketUrl(options.url, STREAM_PATH);
    this.#options = options;
    this.#webSocket = webSocket;
    this.#cursor = options.since;
    this.#retry = new Retry(() => {
      this.#open();
    }, options.longestRetryMs);
    this.messages$ = interopObservable((sink) => this.#join(this.#sinks, sink));
    this.state$ = interopObservable((sink) => {
      this.#stateSinks.add(sink);
      sink.next(this.#state);
      if (this.#isOver) sink.complete();
      return () => this.#stateSinks.delete(sink);
    });
  }

  get state(): SubscriberState {
    return this.#state;
  }

  /** Of the newest timeline message that came, or where it began; undefined before the first connection has told. */
  get cursor(): number | undefined {
    return this.#cursor;
  }

  get figures(): SubscriberFigures {
    return { nReconnects: Math.max(0, this.#nConnections - 1), nHeld: this.#nHeld };
  }

  /**
   * The messages for a `for await` loop. At most `maxBuffered` (and what one read of the socket brings) wait for a slow loop;
   * then the connection is held, for everybody who listens here, until half of them are taken: Node stops reading, a browser
   * hangs up and connects again. Timeline messages are not lost by it; live ones are left out meanwhile, and in Node `dropped`
   * tells how many. Whoever leaves the loop and begins another one goes on after the last message that was taken.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<ServerMessage, undefined> {
    const buffer = new MessageBuffer({
      maxBuffered: this.#options.maxBuffered ?? MAX_BUFFERED,
      onRoom: () => {
        this.#release();
      },
      onLeave: () => {
        leave();
      },
    });
    const leaveMessages = this.#join(this.#buffers, buffer);
    const leave = (): void => {
      const [first] = buffer.waiting.filter(isTimelineMessage);
      leaveMessages();
      if (this.#nListeners === 0 && first !== undefined) this.#cursor = first.cursor - 1;
      this.#release();
    };
    return buffer;
  }

  /** Ends everything; those who listen are told that it is complete. */
  close(): void {
    if (!this.#isOver) this.#finish('closed', '');
  }

  get #isOver(): boolean {
    return this.#state.type === 'closed' || this.#state.type === 'failed';
  }

  get #nListeners(): number {
    return this.#sinks.size + this.#buffers.size;
  }

  #join<Listener extends Sink<ServerMessage> | MessageBuffer>(
    listeners: Set<Listener>,
    listener: Listener,
  ): () => void {
    if (this.#isOver) {
      this.#end(listener);
      return () => undefined;
    }
    listeners.add(listener);
    if (this.#nListeners === 1) this.#open();
    return () => {
      listeners.delete(listener);
      if (this.#nListeners === 0 && !this.#isOver) this.#pauseAll();
    };
  }

  /** Nobody listens any more. */
  #pauseAll(): void {
    this.#hangUp();
    this.#setState('idle', '');
  }

  #open(): void {
    if (this.#state.type === 'idle') this.#setState('connecting', '');
    this.#isHeld = false;
    const { subprotocol = SUBPROTOCOL_MSGPACK } = this.#options;
    this.#connection = new StreamConnection({
      url: this.#url,
      subprotocol,
      webSocket: this.#webSocket,
      token: this.#options.token,
      subscribe: (hello) => this.#subscribe(hello),
      onMessage: (message) => {
        this.#receive(message);
      },
      onSilence: () => {
        this.#setState('stale', REASONS.silent);
      },
      onEnd: (ending) => {
        this.#ended(ending);
      },
    });
  }

  #subscribe(hello: HelloMessage): SubscribeMessage {
    const { topics = ['events'], beds, minimumScore, replays } = this.#options;
    this.#nConnections++;
    this.#retry.reset();
    this.#cursor ??= hello.cursor;
    const fromTimeline: readonly string[] = TIMELINE_TOPICS;
    return {
      type: 'subscribe',
      topics,
      ...(beds && { beds }),
      ...(minimumScore !== undefined && { minimumScore }),
      ...(replays !== undefined && { replays }),
      ...(topics.some((topic) => fromTimeline.includes(topic)) && { since: this.#cursor }),
    };
  }

  #receive(message: ServerMessage): void {
    if (isTimelineMessage(message) || isUnknownRecord(message)) {
      if (message.cursor <= (this.#cursor ?? 0)) return;
      this.#cursor = message.cursor;
    }
    if (this.#state.type !== 'live' && message.type !== 'error' && !this.#isHeld) this.#setState('live', '');
    for (const sink of this.#sinks) sink.next(message);
    for (const buffer of this.#buffers) buffer.push(message);
    if (!this.#isHeld && this.#isAnyFull) this.#hold();
  }

  get #isAnyFull(): boolean {
    return Array.from(this.#buffers).some(({ isFull }) => isFull);
  }

  #hold(): void {
    this.#isHeld = true;
    this.#nHeld++;
    this.#setState('stale', REASONS.held);
    if (this.#connection?.hold() === true) return;
    this.#connection?.close();
    this.#connection = undefined;
  }

  #release(): void {
    if (!this.#isHeld || this.#isAnyFull) return;
    this.#isHeld = false;
    if (this.#connection === undefined) this.#open();
    else this.#connection.release();
  }

  #ended({ code, reason, error, fatal }: Ending): void {
    this.#connection = undefined;
    if (fatal !== undefined) this.#fail(fatal);
    else if (code === CLOSE.accessEnded) this.#fail(new ChirpdError('ACCESS_ENDED', REASONS.accessEnded));
    else if (code === CLOSE.cursorTooOld && error !== undefined) {
      const { cursor = 0 } = this;
      const cursors = { cursor, oldest: error.oldestCursor ?? 0, newest: error.newestCursor ?? 0 };
      this.#goOn(new TimelineLostError(error.code as ChirpdError['code'], error.message, cursors));
    } else if (FINAL_CODES.has(code)) {
      this.#fail(new ChirpdError('PROTOCOL_REFUSED', `the daemon refuses (close code ${code}): ${reason}`));
    } else this.#lose(reason);
  }

  #goOn(loss: TimelineLostError): void {
    const choice = this.#options.onTimelineLost?.(loss) ?? 'fail';
    if (choice === 'fail') {
      this.#fail(loss);
      return;
    }
    this.#cursor = choice === 'oldest' ? 0 : loss.newestCursor;
    this.#lose(loss.message);
  }

  #lose(reason: string): void {
    const sinceMs = this.#state.type === 'lost' ? this.#state.sinceMs : Date.now();
    this.#setState('lost', reason, { sinceMs, retryMs: this.#retry.schedule() });
  }

  #fail(error: ChirpdError): void {
    this.#failure = error;
    this.#finish('failed', error.message);
  }

  #finish(type: 'closed' | 'failed', reason: string): void {
    this.#hangUp();
    this.#setState(type, reason);
    for (const listener of [...this.#sinks, ...this.#buffers]) this.#end(listener);
    this.#sinks.clear();
    this.#buffers.clear();
    for (const sink of this.#stateSinks) sink.complete();
    this.#stateSinks.clear();
  }

  #end(listener: Sink<ServerMessage> | MessageBuffer): void {
    if (listener instanceof MessageBuffer) listener.end(this.#failure);
    else if (this.#failure === undefined) listener.complete();
    else listener.error(this.#failure);
  }

  #hangUp(): void {
    this.#retry.cancel();
    this.#retry.reset();
    this.#connection?.close();
    this.#connection = undefined;
    this.#isHeld = false;
  }

  #setState(type: SubscriberState['type'], reason: string, more: Partial<SubscriberState> = {}): void {
    this.#state = { type, sinceMs: Date.now(), reason, ...more };
    for (const sink of this.#stateSinks) sink.next(this.#state);
  }
}
