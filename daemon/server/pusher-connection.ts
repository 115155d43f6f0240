import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import type { PushExchange } from '../../adapters/push/push-exchange.js';
import type { PushSlot } from '../../adapters/push/push-slot.js';
import type { PushedStream, Pusher } from '../../adapters/push/pusher.js';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import type { Subprotocol } from '../protocol/codec.js';
import { encodeIngestMessage } from '../protocol/ingest-codec.js';
import { ACK_SECONDS, INGEST_CLOSE } from '../protocol/ingest-messages.js';
import type { IngestMessage } from '../protocol/ingest-messages.js';
import { SUBPROTOCOL_MSGPACK } from '../protocol/messages.js';
import { closeCodeOf, closeReason } from './close-codes.js';
import type { ConnectionCounters } from './connection-counters.js';
import type { ServerLimits } from './limits.js';
import { pushedSamples } from './pushed-samples.js';
import { readPusherMessage } from './pusher-schema.js';
import type { PusherBlock, PusherHello } from './pusher-schema.js';
import { toBytes } from './to-bytes.js';

export interface PusherConnectionOptions {
  readonly socket: WebSocket;
  readonly subprotocol: Subprotocol;
  readonly version: string;
  readonly exchange: PushExchange;
  readonly limits: ServerLimits;
  readonly counters: ConnectionCounters;
  readonly log?: Pick<Logger, 'info' | 'warn'> | undefined;
}

/** Acknowledgements are gathered for this long. */
const ACK_MS = 50;
/** Bytes of answers that wait for a pusher that does not read them. */
const ANSWER_BYTES = 64 * 1024;
/** What arrives this soon after the connection was held back may have waited in the network. */
const LATE_MS = 1000;
const FLOAT_BYTES = 4;
const MICROS_PER_MS = 1000;

/** One program's connection at `/v1/ingest`, from its hello to the close. */
export class PusherConnection implements Pusher {
  readonly #options: PusherConnectionOptions;
  #hello: PusherHello | undefined;
  #labels: readonly string[] = [];
  #slot: PushSlot | undefined;
  #isReady = false;
  #hasSaidEnd = false;
  #isClosing = false;
  #isAlive = true;
  #isPaused = false;
  #resumedMs = -Infinity;
  #acknowledged = 0;
  #sentMs = 0;
  #ackTimer: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout;

  constructor(options: PusherConnectionOptions) {
    this.#options = options;
    const { socket, limits } = options;
    socket.on('message', (data, isBinary) => {
      this.#receive(data, isBinary);
    });
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    socket.on('close', () => {
      this.#leave();
    });
    this.#patience = setTimeout(() => {
      this.dismiss(new ChirpdError('PROTOCOL_BAD_MESSAGE', 'No hello came: it is the first message of a pusher'));
    }, limits.pushHelloMs);
  }

  get stream(): PushedStream {
    if (this.#hello === undefined) throw new ChirpdError('PROTOCOL_BAD_MESSAGE', 'The first message is a hello');
    return this.#hello.stream;
  }

  get oldestSample(): number {
    return this.#hello?.oldestSample ?? 0;
  }

  ready(nextSample: number, acknowledged: number): void {
    clearTimeout(this.#patience);
    this.#isReady = true;
    this.#acknowledged = acknowledged;
    const { version, log } = this.#options;
    log?.info({ bed: this.#slot?.bed, source: this.stream.source, nextSample }, 'Pusher connected');
    this.#send({
      type: 'ready',
      protocol: 1,
      version,
      serverTimeMicros: Date.now() * MICROS_PER_MS,
      bed: this.#slot?.bed ?? '',
      nextSample,
      windowSamples: Math.max(1, Math.floor((this.#slot?.queueBytes ?? 0) / (FLOAT_BYTES * this.#labels.length))),
      ackSeconds: ACK_SECONDS,
    });
  }

  taken(nextSample: number): void {
    this.#acknowledged = nextSample;
    this.#ackTimer ??= setTimeout(() => {
      this.#ack();
    }, ACK_MS);
  }

  roomAgain(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#isAlive = true;
    this.#resumedMs = performance.now();
    this.#options.socket.resume();
  }

  dismiss(error: ChirpdError): void {
    if (this.#isReady) this.#ack();
    if (this.#hasSaidEnd && this.#slot?.hasEnded === true) this.close(INGEST_CLOSE.ended, 'all was taken');
    else this.#refuse(error);
  }

  /** Says that the daemon is there, where nothing was said for a while; called several times a second. */
  sweep(nowMs: number): void {
    if (this.#isReady && nowMs - this.#sentMs >= (ACK_SECONDS * 1000) / 2) this.#ack();
  }

  /** Drops a pusher that did not answer the last ping, else sends the next. Who is held back cannot answer. */
  ping(): void {
    const { socket, counters } = this.#options;
    if (this.#isPaused) return;
    if (!this.#isAlive) {
      if (!this.#isClosing) counters.closed(1006);
      socket.terminate();
      return;
    }
    this.#isAlive = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }

  close(code: number, reason: string): void {
    if (this.#isClosing) return;
    const { socket, limits, counters } = this.#options;
    this.#leave();
    this.#isClosing = true;
    counters.closed(code);
    // A socket that is not read would never see the answer to the close frame.
    if (this.#isPaused) socket.resume();
    socket.close(code, closeReason(reason));
    const timer = setTimeout(() => {
      socket.terminate();
    }, limits.closeTimeoutMs);
    socket.once('close', () => {
      clearTimeout(timer);
    });
  }

  terminate(): void {
    this.#leave();
    this.#options.socket.terminate();
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#isClosing) return;
    // The answer to a ping stands in line behind the samples.
    this.#isAlive = true;
    try {
      const bytes = toBytes(data);
      const frame = isBinary ? bytes : Buffer.from(bytes).toString();
      const message = readPusherMessage(this.#options.subprotocol, frame, Date.now() * MICROS_PER_MS);
      switch (message.type) {
        case 'hello':
          this.#greet(message);
          break;
        case 'block':
          this.#take(message);
          break;
        case 'end':
          this.#checkReady('end');
          this.#hasSaidEnd = true;
          this.#slot?.end(this);
          break;
      }
    } catch (error) {
      this.#refuse(error);
    }
  }

  #greet(hello: PusherHello): void {
    if (this.#hello !== undefined) throw new ChirpdError('PROTOCOL_BAD_MESSAGE', 'A second hello on one connection');
    const { exchange, limits } = this.#options;
    const slot = exchange.find(hello.bed);
    if (slot === undefined) {
      const text = `There is no bed "${hello.bed}" that takes pushes: give one this name, and an adapter of kind push`;
      throw new ChirpdError('PROTOCOL_NO_SUCH_BED', text);
    }
    this.#hello = hello;
    this.#labels = hello.stream.channels.map(({ label }) => label);
    this.#slot = slot;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => {
      this.dismiss(new ChirpdError('PUSH_NOT_READY', `Bed "${hello.bed}" takes no samples at the moment: try again`));
    }, limits.pushReadyMs);
    slot.attach(this);
  }

  #take({ firstSample, bytes, timeMicros, isLate }: PusherBlock): void {
    this.#checkReady('block');
    const hasWaited = isLate || performance.now() - this.#resumedMs < LATE_MS;
    const hasRoom = this.#slot?.push(this, {
      firstSample,
      samples: pushedSamples(bytes, this.#labels, this.#hello?.microvolts ?? 1),
      ...(timeMicros !== undefined && { timeMicros }),
      ...(!hasWaited && { arrivedMicros: Date.now() * MICROS_PER_MS }),
    });
    if (hasRoom !== false || this.#isClosing) return;
    this.#isPaused = true;
    this.#options.socket.pause();
  }

  #checkReady(what: string): void {
    if (this.#isReady && !this.#hasSaidEnd) return;
    const text = this.#hasSaidEnd
      ? `A message (${what}) after the end`
      : `A message (${what}) before the daemon was ready`;
    throw new ChirpdError('PROTOCOL_BAD_MESSAGE', text);
  }

  #ack(): void {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    this.#send({ type: 'ack', nextSample: this.#acknowledged });
  }

  #refuse(error: unknown): void {
    const code = error instanceof ChirpdError ? error.code : 'PROTOCOL_INTERNAL';
    const { log } = this.#options;
    if (!this.#isClosing) log?.warn({ bed: this.#slot?.bed, error: errorText(error) }, 'Pusher sent away');
    this.#send({ type: 'error', code, message: errorText(error) });
    this.close(closeCodeOf(code), code);
  }

  #send(message: IngestMessage): void {
    if (this.#isClosing) return;
    const { socket, subprotocol } = this.#options;
    if (socket.bufferedAmount > ANSWER_BYTES) {
      this.close(INGEST_CLOSE.tooSlow, 'acknowledgements are not being read');
      return;
    }
    this.#sentMs = performance.now();
    socket.send(encodeIngestMessage(subprotocol, message), { binary: subprotocol === SUBPROTOCOL_MSGPACK });
  }

  #leave(): void {
    clearTimeout(this.#patience);
    clearTimeout(this.#ackTimer);
    this.#isReady = false;
    this.#slot?.detach(this);
  }
}
