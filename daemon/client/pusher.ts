import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import type { Subprotocol } from '../protocol/codec.js';
import { decodeIngestMessage, encodePusherMessage } from '../protocol/ingest-codec.js';
import { ACK_SECONDS, INGEST_CLOSE, MAX_PUSH_MESSAGE_BYTES } from '../protocol/ingest-messages.js';
import type { IngestMessage, PusherMessage } from '../protocol/ingest-messages.js';
import { INGEST_PATH, SUBPROTOCOL_MSGPACK } from '../protocol/messages.js';
import { checkedSamples } from './checked-samples.js';
import type { PusherState, PushOptions } from './push-options.js';
import { SendBuffer } from './send-buffer.js';
import { globalWebSocket, OPEN, openWebSocket, tokenRefusal, webSocketUrl } from './web-socket.js';
import type { WebSocketClass, WebSocketLike } from './web-socket.js';

/** Close codes after which another attempt would end the same way. */
const FINAL_CODES: ReadonlySet<number> = new Set([
  1002,
  1007,
  INGEST_CLOSE.tooLong,
  INGEST_CLOSE.badMessage,
  INGEST_CLOSE.accessEnded,
  INGEST_CLOSE.noSuchBed,
  INGEST_CLOSE.noSubprotocol,
  INGEST_CLOSE.replaced,
  INGEST_CLOSE.mismatch,
  INGEST_CLOSE.order,
]);
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5000;
/** A daemon holds a pusher for a minute while its bed is not there. */
const READY_MS = 75_000;
/** Silence of a daemon that should acknowledge, after which the connection counts as dead. */
const SILENCE_MS = 5 * ACK_SECONDS * 1000;
/** What waits longer than this before it goes out says nothing about the clock. */
const LATE_MS = 100;
/** Bytes in the socket past which blocks wait here, where they can be sent again. */
const SOCKET_BYTES = 1024 * 1024;
const FLOAT_BYTES = 4;
/** Of one block. JSON needs a third more. */
const BLOCK_BYTES = MAX_PUSH_MESSAGE_BYTES / 4;

export interface PusherFigures {
  /** Samples before this one were taken by the daemon's pipeline, or are counted as lost there. */
  readonly acknowledged: number;
  /** Samples given and not acknowledged. */
  readonly nBuffered: number;
  /** Samples that the daemon did not get in time: a gap there. */
  readonly nDropped: number;
  readonly nReconnects: number;
}

/**
 * Sends samples of one bed to a daemon: connects, is acknowledged, connects again after a break and goes on where the daemon
 * has got to. Works in browsers and in Node.
 */
export class Pusher {
  readonly #options: PushOptions;
  readonly #url: string;
  readonly #subprotocol: Subprotocol;
  readonly #webSocket: WebSocketClass;
  readonly #stream: string;
  readonly #buffer: SendBuffer;
  #socket: WebSocketLike | undefined;
  #state: PusherState = 'connecting';
  #failure: ChirpdError | undefined;
  #refusal = '';
  /** What `ws` says of a connection that could not be opened. */
  #trouble = '';
  #sent = 0;
  #acknowledged = 0;
  #windowSamples = 0;
  #isClosing = false;
  #hasSentEnd = false;
  #retryMs = FIRST_RETRY_MS;
  #nReconnects = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pumpTimer: ReturnType<typeof setTimeout> | undefined;
  #waiting: { readonly isMet: () => boolean; readonly resolve: () => void; readonly reject: (e: Error) => void }[] = [];

  /** Begins to connect at once. @throws ChirpdError PUSH_CLIENT where this cannot work at all */
  constructor(options: PushOptions) {
    const webSocket = options.webSocket ?? globalWebSocket();
    if (webSocket === undefined) {
      throw new ChirpdError(
        'PUSH_CLIENT',
        'there is no WebSocket here: give one as `webSocket`, as that of package ws',
      );
    }
    this.#options = options;
    this.#url = webSocketUrl(options.url, INGEST_PATH);
    this.#webSocket = webSocket;
    this.#subprotocol = options.subprotocol ?? SUBPROTOCOL_MSGPACK;
    this.#stream = randomId();
    this.#buffer = new SendBuffer(Math.ceil((options.bufferSeconds ?? 60) * options.sampleRate));
    this.#connect();
  }

  get state(): PusherState {
    return this.#state;
  }

  get figures(): PusherFigures {
    return {
      acknowledged: this.#acknowledged,
      nBuffered: this.#buffer.nSamples,
      nDropped: this.#buffer.nDropped,
      nReconnects: this.#nReconnects,
    };
  }

  /** The number that the next sample gets. */
  get nextSample(): number {
    return this.#buffer.next;
  }

  /** Resolves when the bed takes samples. */
  ready(): Promise<void> {
    return this.#until(() => this.#state === 'ready');
  }

  /**
   * Gives consecutive samples, which are sent as soon as may be.
   * @param samples one array per channel, all of one length, in the units of the options; copied
   * @param timeMicros the pusher's clock when the last of them was taken
   * @throws ChirpdError PUSH_CLIENT on wrong sizes, values that are no voltage, and after the end
   */
  send(samples: readonly ArrayLike<number>[], timeMicros?: number): void {
    this.#checkOpen();
    this.#buffer.append(checkedSamples(samples, this.#options), timeMicros, performance.now());
    this.#pump();
  }

  /** Counts samples that were lost before they came here: the daemon tells of a gap. */
  skip(nSamples: number): void {
    this.#checkOpen();
    if (!Number.isSafeInteger(nSamples) || nSamples < 0) {
      throw new ChirpdError('PUSH_CLIENT', 'the number of skipped samples is whole and not negative');
    }
    this.#buffer.next += nSamples;
  }

  /** Resolves when the buffer is not half full: for sources that can wait, before each `send`. */
  room(): Promise<void> {
    const { sampleRate, bufferSeconds = 60 } = this.#options;
    return this.#until(() => this.#buffer.nSamples < (bufferSeconds * sampleRate) / 2);
  }

  /** Resolves when everything given so far was taken by the daemon. */
  acknowledged(): Promise<void> {
    const { end } = this.#buffer;
    return this.#until(() => this.#acknowledged >= end);
  }

  /** Ends the stream in good order: resolves when all of it was taken. */
  close(): Promise<void> {
    this.#isClosing = true;
    this.#pump();
    return this.#until(() => this.#state === 'closed');
  }

  /** Hangs up without an end: what was not acknowledged is lost. */
  abort(): void {
    this.#isClosing = true;
    this.#finish('closed', 'hung up');
  }

  #connect(): void {
    this.#enter('connecting', '');
    this.#refusal = '';
    this.#trouble = '';
    const socket = openWebSocket(this.#webSocket, this.#url, this.#subprotocol, this.#options.token);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    this.#expectWithin(READY_MS, 'the daemon does not answer');
    socket.onopen = () => {
      this.#write(this.#hello());
    };
    socket.onmessage = ({ data }: { readonly data: unknown }) => {
      this.#receive(data);
    };
    socket.onerror = ({ message = '' }: { readonly message?: string }) => {
      this.#trouble = message;
    };
    socket.onclose = ({ code, reason }: { readonly code: number; readonly reason: string }) => {
      this.#disconnected(code, reason);
    };
  }

  #hello(): PusherMessage {
    const { bed, channels, sampleRate, units = 'uV', source, device, startTimeMicros, clock } = this.#options;
    return {
      type: 'hello',
      protocol: 1,
      bed,
      stream: this.#stream,
      channels: channels.map((channel) => (typeof channel === 'string' ? { label: channel } : channel)),
      sampleRate,
      units,
      source,
      oldestSample: this.#buffer.oldestSample,
      ...(device && { device }),
      ...(startTimeMicros !== undefined && { startTimeMicros }),
      ...(clock && { clock }),
    };
  }

  #receive(data: unknown): void {
    let message: IngestMessage;
    try {
      message = decodeIngestMessage(
        this.#subprotocol,
        typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer),
      );
    } catch (error) {
      this.#dropSocket();
      this.#retry(errorText(error));
      return;
    }
    this.#expectWithin(SILENCE_MS, 'the daemon has fallen silent');
    switch (message.type) {
      case 'ready':
        this.#windowSamples = message.windowSamples;
        this.#sent = message.nextSample;
        this.#hasSentEnd = false;
        this.#retryMs = FIRST_RETRY_MS;
        this.#enter('ready', '');
        this.#pump();
        break;
      case 'ack':
        this.#take(message.nextSample);
        this.#pump();
        break;
      case 'error':
        this.#refusal = message.message;
        break;
    }
  }

  #take(nextSample: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, nextSample);
    this.#buffer.release(nextSample);
    this.#settle();
  }

  /** Sends what may be sent now. */
  #pump(): void {
    const socket = this.#socket;
    if (this.#state !== 'ready' || socket?.readyState !== OPEN || this.#hasSentEnd) return;
    const maxSamples = Math.max(1, Math.floor(BLOCK_BYTES / FLOAT_BYTES / this.#options.channels.length));
    for (;;) {
      if (socket.bufferedAmount > SOCKET_BYTES) {
        this.#pumpTimer ??= setTimeout(() => {
          this.#pumpTimer = undefined;
          this.#pump();
        }, 50);
        return;
      }
      const nAllowed = this.#acknowledged + this.#windowSamples - this.#sent;
      const block = this.#buffer.read(this.#sent, Math.min(maxSamples, this.#windowSamples));
      if (block === undefined) break;
      const nSamples = block.samples[0]?.length ?? 0;
      if (block.firstSample + nSamples - this.#sent > nAllowed && this.#sent > this.#acknowledged) return;
      if (block.firstSample > this.#sent) this.#buffer.leaveOut(this.#sent, block.firstSample);
      this.#sent = block.firstSample + nSamples;
      const isLate = performance.now() - block.givenMs > LATE_MS;
      this.#write({
        type: 'block',
        firstSample: block.firstSample,
        samples: bytesOf(block.samples),
        ...(block.timeMicros !== undefined && { timeMicros: block.timeMicros }),
        ...(isLate && { late: true }),
      });
    }
    if (!this.#isClosing) return;
    this.#hasSentEnd = true;
    this.#write({ type: 'end' });
  }

  #write(message: PusherMessage): void {
    this.#socket?.send(encodePusherMessage(this.#subprotocol, message) as Uint8Array<ArrayBuffer> | string);
  }

  #disconnected(code: number, reason: string): void {
    this.#dropSocket();
    const refusal = tokenRefusal(this.#trouble, this.#url);
    const text = this.#refusal || `the connection was closed with ${code} ${reason}`.trim();
    if (this.#isClosing && this.#hasSentEnd && (code === INGEST_CLOSE.ended || this.#buffer.nSamples === 0)) {
      this.#finish('closed', '');
    } else if (refusal !== undefined) this.#fail(refusal);
    else if (FINAL_CODES.has(code)) {
      this.#fail(new ChirpdError('PUSH_REFUSED', `the daemon refuses this pusher (close code ${code}): ${text}`));
    } else this.#retry(text);
  }

  #fail(error: ChirpdError): void {
    this.#failure = error;
    this.#finish('failed', error.message);
  }

  #retry(reason: string): void {
    this.#nReconnects++;
    this.#enter('waiting', reason);
    clearTimeout(this.#timer);
    // Spread out, so that the pushers of a daemon that restarts do not all come in the same instant.
    this.#timer = setTimeout(
      () => {
        this.#connect();
      },
      this.#retryMs * (0.5 + Math.random() / 2),
    );
    this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2);
  }

  #expectWithin(ms: number, reason: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#dropSocket();
      this.#retry(reason);
    }, ms);
  }

  /** Turns away from a socket, which may take its time to close. */
  #dropSocket(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    clearTimeout(this.#timer);
    clearTimeout(this.#pumpTimer);
    this.#pumpTimer = undefined;
    if (socket === undefined) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  #finish(state: 'closed' | 'failed', reason: string): void {
    this.#dropSocket();
    this.#enter(state, reason);
  }

  #enter(state: PusherState, reason: string): void {
    if (this.#state === 'closed' || this.#state === 'failed') return;
    const isNew = this.#state !== state;
    this.#state = state;
    if (isNew || reason !== '') this.#options.onState?.(state, reason);
    this.#settle();
  }

  #until(isMet: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ isMet, resolve, reject });
      this.#settle();
    });
  }

  #settle(): void {
    const isOver = this.#state === 'closed' || this.#state === 'failed';
    this.#waiting = this.#waiting.filter(({ isMet, resolve, reject }) => {
      if (isMet()) resolve();
      else if (isOver) reject(this.#failure ?? new ChirpdError('PUSH_CLIENT', 'the pusher was closed'));
      else return true;
      return false;
    });
  }

  #checkOpen(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isClosing) throw new ChirpdError('PUSH_CLIENT', 'the pusher was closed: nothing can follow');
  }
}

/** (nChannels, nSamples) float32, C order. Every machine that runs JavaScript is little-endian. */
function bytesOf(samples: readonly Float32Array[]): Uint8Array {
  const nSamples = samples[0]?.length ?? 0;
  const all = new Float32Array(samples.length * nSamples);
  for (const [channel, values] of samples.entries()) all.set(values, channel * nSamples);
  return new Uint8Array(all.buffer);
}

/** `crypto.randomUUID` is kept from pages that came without encryption. */
function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
