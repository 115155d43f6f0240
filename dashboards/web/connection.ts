import {
  CLOSE,
  isTimelineMessage,
  SUBPROTOCOL_MSGPACK,
  type ClientMessage,
  type HelloMessage,
  type ServerMessage,
  type Topic,
} from '../../daemon/protocol/messages.js';

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5000;
/** From opening a socket to the hello. */
const HELLO_TIMEOUT_MS = 5000;
/** The protocol: silence longer than two heartbeats is a dead connection. */
const SILENT_HEARTBEATS = 2;
const WATCH_MS = 200;

export type ConnectionState =
  | { readonly type: 'connecting'; readonly sinceMs: number }
  | { readonly type: 'open'; readonly sinceMs: number }
  | { readonly type: 'lost'; readonly sinceMs: number; readonly reason: string };

export interface ConnectionOptions {
  /** ws: or wss: address of the daemon's stream. */
  readonly url: string;
  readonly topics: readonly Topic[];
  /** Left out: all beds. */
  readonly beds?: readonly string[];
  readonly encode: (message: ClientMessage) => Uint8Array | string;
  /** Throws on anything that is not a message of the protocol. */
  readonly decode: (data: Uint8Array) => ServerMessage;
  /** Every message but timeline messages that came before, in order. */
  readonly onMessage: (message: ServerMessage) => void;
  readonly onState: (state: ConnectionState) => void;
  /** The daemon's timeline is another one, or no longer reaches back to our cursor: what came before may be incomplete. */
  readonly onTimelineLost: () => void;
}

/**
 * A connection to the daemon that comes back by itself. After a loss it asks for what came after the last timeline
 * message it has, so that no event is missed, and passes none on twice.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  #socket: WebSocket | undefined;
  #state: ConnectionState;
  #cursor: number | undefined;
  #heartbeatMs = 0;
  /** What the daemon said is wrong, before it closed the connection. */
  #errorText: string | undefined;
  #lastMessageMs = 0;
  #openedMs = 0;
  #retryMs = FIRST_RETRY_MS;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #watchTimer: ReturnType<typeof setInterval>;
  readonly #online = (): void => {
    this.#retryNow();
  };

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#state = { type: 'connecting', sinceMs: Date.now() };
    this.#watchTimer = setInterval(() => {
      this.#watch();
    }, WATCH_MS);
    addEventListener('online', this.#online);
    this.#open();
  }

  close(): void {
    clearInterval(this.#watchTimer);
    clearTimeout(this.#retryTimer);
    removeEventListener('online', this.#online);
    this.#abandon();
  }

  #open(): void {
    this.#openedMs = performance.now();
    const socket = new WebSocket(this.#options.url, SUBPROTOCOL_MSGPACK);
    this.#socket = socket;
    this.#heartbeatMs = 0;
    this.#errorText = undefined;
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer) this.#receive(new Uint8Array(data));
    };
    socket.onclose = ({ code, reason }) => {
      if (code === CLOSE.cursorTooOld) this.#forgetTimeline();
      this.#lose(this.#errorText ?? closeText(code, reason));
    };
  }

  #receive(data: Uint8Array): void {
    this.#lastMessageMs = performance.now();
    let message: ServerMessage;
    try {
      message = this.#options.decode(data);
    } catch (error) {
      this.#lose(`the daemon sent what is no message: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    if (message.type === 'hello') this.#greet(message);
    if (message.type === 'error') this.#errorText = message.message;
    if (isTimelineMessage(message)) {
      if (this.#cursor !== undefined && message.cursor <= this.#cursor) return;
      this.#cursor = message.cursor;
    }
    this.#options.onMessage(message);
  }

  #greet(hello: HelloMessage): void {
    this.#heartbeatMs = hello.heartbeatSeconds * 1000;
    this.#retryMs = FIRST_RETRY_MS;
    if (this.#cursor !== undefined && hello.cursor < this.#cursor) this.#forgetTimeline();
    this.#cursor ??= hello.cursor;
    const { topics, beds } = this.#options;
    const subscription = { type: 'subscribe', topics, replays: true, ...(beds !== undefined && { beds }) } as const;
    this.#send(topics.includes('events') ? { ...subscription, since: this.#cursor } : subscription);
    this.#setState({ type: 'open', sinceMs: Date.now() });
  }

  #send(message: ClientMessage): void {
    const data = this.#options.encode(message);
    this.#socket?.send(typeof data === 'string' ? data : new Uint8Array(data));
  }

  #forgetTimeline(): void {
    this.#cursor = undefined;
    this.#options.onTimelineLost();
  }

  #watch(): void {
    if (this.#socket === undefined) return;
    const now = performance.now();
    if (this.#heartbeatMs > 0) {
      const silentMs = now - this.#lastMessageMs;
      if (silentMs > SILENT_HEARTBEATS * this.#heartbeatMs) this.#lose('the daemon is silent');
    } else if (now - this.#openedMs > HELLO_TIMEOUT_MS) this.#lose('the daemon does not answer');
  }

  #lose(reason: string): void {
    this.#abandon();
    const sinceMs = this.#state.type === 'lost' ? this.#state.sinceMs : Date.now();
    this.#setState({ type: 'lost', sinceMs, reason });
    const jitter = 0.75 + 0.5 * Math.random();
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => {
      this.#open();
    }, this.#retryMs * jitter);
    this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 1.7);
  }

  #retryNow(): void {
    if (this.#socket !== undefined) return;
    clearTimeout(this.#retryTimer);
    this.#open();
  }

  /** Lets go of a socket: a dead one may take minutes to close, and is not listened to meanwhile. */
  #abandon(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}

function closeText(code: number, reason: string): string {
  switch (code) {
    case CLOSE.goingAway:
      return 'the daemon is stopping';
    case CLOSE.tooSlow:
      return 'this browser could not keep up';
    case CLOSE.cursorTooOld:
      return 'the timeline no longer reaches back so far';
    default:
      return reason === '' ? 'the connection was cut' : reason;
  }
}
