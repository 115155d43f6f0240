import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import { decodeServerMessage, encodeClientMessage } from '../protocol/codec.js';
import type { Subprotocol } from '../protocol/codec.js';
import { CLOSE } from '../protocol/messages.js';
import type { ErrorMessage, HelloMessage, ServerMessage, SubscribeMessage } from '../protocol/messages.js';
import { REASONS } from './reasons.js';
import { openWebSocket, tokenRefusal } from './web-socket.js';
import type { WebSocketClass, WebSocketLike } from './web-socket.js';

export interface StreamConnectionOptions {
  /** ws: or wss: address of the daemon's stream. */
  readonly url: string;
  readonly subprotocol: Subprotocol;
  readonly webSocket: WebSocketClass;
  readonly token?: string | undefined;
  /** The answer to a hello. */
  readonly subscribe: (hello: HelloMessage) => SubscribeMessage;
  readonly onMessage: (message: ServerMessage) => void;
  /** The daemon has been silent for longer than from heartbeat to heartbeat. */
  readonly onSilence: () => void;
  /** Once, at the end; not after `close`. */
  readonly onEnd: (ending: Ending) => void;
}

/** How a connection ended. */
export interface Ending {
  /** Close code; 1006 where there was none. */
  readonly code: number;
  /** For people. */
  readonly reason: string;
  /** Whether the daemon said hello before. */
  readonly hadHello: boolean;
  /** What the daemon said is wrong. */
  readonly error?: ErrorMessage | undefined;
  /** Another attempt would end the same way: what answers is no chirpd. */
  readonly fatal?: ChirpdError | undefined;
}

const HELLO_TIMEOUT_MS = 10_000;
/** Silence in heartbeats: from the first on one is missing; with the second the connection counts as dead. */
const SILENT_HEARTBEATS = 1.3;
const DEAD_HEARTBEATS = 2;
const WATCH_MS = 200;
/** How long a daemon may take to answer a close frame. */
const CLOSE_TIMEOUT_MS = 1000;
/** HTTP refusals that pass. */
const PASSING_STATUS: ReadonlySet<number> = new Set([408, 429]);

/** One WebSocket to a daemon, from opening to its end: greets, decodes, and notices when the other end is dead. */
export class StreamConnection {
  readonly #options: StreamConnectionOptions;
  readonly #socket: WebSocketLike;
  readonly #watchTimer: ReturnType<typeof setInterval>;
  #heartbeatMs = 0;
  #heardMs = performance.now();
  #isSilent = false;
  #isHeld = false;
  #isOver = false;
  #error: ErrorMessage | undefined;
  #trouble = '';

  constructor(options: StreamConnectionOptions) {
    this.#options = options;
    const socket = openWebSocket(options.webSocket, options.url, options.subprotocol, options.token);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }: { readonly data: unknown }) => {
      this.#receive(data);
    };
    // Node says what is wrong; a browser does not.
    socket.onerror = ({ message = '' }: { readonly message?: string }) => {
      this.#trouble = message;
    };
    socket.onclose = ({ code, reason }: { readonly code: number; readonly reason: string }) => {
      this.#end(code, reason);
    };
    this.#watchTimer = setInterval(() => {
      this.#watch();
    }, WATCH_MS);
  }

  /** Lets go without a word to the owner: a dead one may take minutes to close. */
  close(): void {
    this.#isOver = true;
    clearInterval(this.#watchTimer);
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    // An attempt that is cut off is an error to `ws`, which must not go unhandled.
    this.#socket.onerror = () => undefined;
    this.release();
    this.#socket.close();
    if (this.#socket.terminate === undefined) return;
    const timer = setTimeout(() => {
      this.#socket.terminate?.();
    }, CLOSE_TIMEOUT_MS);
    this.#socket.onclose = () => {
      clearTimeout(timer);
    };
  }

  /** Takes nothing more for now. Returns false where this kind of WebSocket cannot. */
  hold(): boolean {
    if (this.#socket.pause === undefined) return false;
    this.#socket.pause();
    this.#isHeld = true;
    return true;
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#heardMs = performance.now();
    this.#socket.resume?.();
  }

  #receive(data: unknown): void {
    this.#heardMs = performance.now();
    this.#isSilent = false;
    let message: ServerMessage;
    try {
      const frame = typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer);
      message = decodeServerMessage(this.#options.subprotocol, frame);
    } catch (error) {
      this.#abandon(`the daemon sent what is no message: ${errorText(error)}`, this.#heartbeatMs === 0);
      return;
    }
    if (message.type === 'error') this.#error = message;
    if (message.type === 'hello') {
      this.#heartbeatMs = message.heartbeatSeconds * 1000;
      const subscribe = encodeClientMessage(this.#options.subprotocol, this.#options.subscribe(message));
      this.#socket.send(subscribe as Uint8Array<ArrayBuffer> | string);
    }
    this.#options.onMessage(message);
  }

  #watch(): void {
    if (this.#isHeld) return;
    const silentMs = performance.now() - this.#heardMs;
    if (this.#heartbeatMs === 0) {
      if (silentMs > HELLO_TIMEOUT_MS) this.#abandon(REASONS.noAnswer, false);
    } else if (silentMs > DEAD_HEARTBEATS * this.#heartbeatMs) this.#abandon(REASONS.silent, false);
    else if (silentMs > SILENT_HEARTBEATS * this.#heartbeatMs && !this.#isSilent) {
      this.#isSilent = true;
      this.#options.onSilence();
    }
  }

  #abandon(reason: string, isStranger: boolean): void {
    const hadHello = this.#heartbeatMs > 0;
    const fatal = isStranger ? notChirpd(`${this.#options.url}: ${reason}`) : undefined;
    this.close();
    this.#options.onEnd({ code: 1006, reason, hadHello, fatal });
  }

  #end(code: number, reason: string): void {
    if (this.#isOver) return;
    this.close();
    const status = Number(/server response: (\d{3})/.exec(this.#trouble)?.[1] ?? 0);
    const isStranger = status >= 400 && status < 500 && !PASSING_STATUS.has(status);
    const text = status > 0 ? `${this.#options.url} answers with HTTP status ${status}` : this.#troubleText();
    this.#options.onEnd({
      code,
      reason: this.#error?.message ?? (text || closeText(code, reason)),
      hadHello: this.#heartbeatMs > 0,
      error: this.#error,
      fatal: tokenRefusal(this.#trouble, this.#options.url) ?? (isStranger ? notChirpd(text) : undefined),
    });
  }

  #troubleText(): string {
    return this.#trouble === '' ? '' : `cannot connect to ${this.#options.url}: ${this.#trouble}`;
  }
}

function notChirpd(text: string): ChirpdError {
  return new ChirpdError('SERVER_NOT_CHIRPD', `${text}: is it a chirpd?`);
}

function closeText(code: number, reason: string): string {
  if (code === 1006) return REASONS.cut;
  if (code === CLOSE.goingAway) return REASONS.stopping;
  if (code === CLOSE.tooSlow) return REASONS.tooSlow;
  if (code === CLOSE.accessEnded) return REASONS.accessEnded;
  return `the connection was closed (${code}${reason === '' ? '' : `: ${reason}`})`;
}
