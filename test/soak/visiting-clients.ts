import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Random } from '../../adapters/synthetic/random.js';
import { decodeServerMessage, encodeClientMessage, type Subprotocol } from '../../daemon/protocol/codec.js';
import {
  isTimelineMessage,
  STREAM_PATH,
  SUBPROTOCOL_JSON,
  SUBPROTOCOL_MSGPACK,
  TIMELINE_TOPICS,
} from '../../daemon/protocol/messages.js';
import type { Topic } from '../../daemon/protocol/messages.js';
import { pick } from '../fuzz/damage.js';

export interface VisitFigures {
  readonly nVisits: number;
  readonly nResumed: number;
  readonly nSlow: number;
  readonly nRequests: number;
  /** Messages of the timeline that the one heard who comes back again and again from where it was. */
  readonly nFollowed: number;
  /** What should not have been. */
  readonly faults: readonly string[];
}

const LIVE_TOPICS: readonly Topic[] = ['waveform', 'spectrogram', 'trends', 'channels', 'quality'];
/** Clients at a time. */
const N_VISITORS = 6;
const LONGEST_STAY_MS = 12_000;
const SLOW_MS = 4000;

/** Clients that come and go: some follow the timeline from where they were, some are slow, some hang up at once. */
export class VisitingClients {
  readonly #url: string;
  readonly #beds: readonly string[];
  readonly #random = new Random(1, 'visits');
  readonly #faults: string[] = [];
  #isOver = false;
  #nVisits = 0;
  #nResumed = 0;
  #nSlow = 0;
  #nRequests = 0;
  /** Of the one who follows. */
  #cursor = 0;
  #nFollowed = 0;
  #running: Promise<unknown> = Promise.resolve();

  constructor(url: string, beds: readonly string[]) {
    this.#url = url;
    this.#beds = beds;
  }

  start(): void {
    const loops = Array.from({ length: N_VISITORS }, () => this.#loop(() => this.#visit()));
    this.#running = Promise.all([...loops, this.#loop(() => this.#follow()), this.#loop(() => this.#read())]);
  }

  get figures(): VisitFigures {
    const [nVisits, nResumed, nSlow, nRequests] = [this.#nVisits, this.#nResumed, this.#nSlow, this.#nRequests];
    return { nVisits, nResumed, nSlow, nRequests, nFollowed: this.#nFollowed, faults: this.#faults };
  }

  /** Newest cursor that the one who follows has heard of. */
  get cursor(): number {
    return this.#cursor;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async #loop(visit: () => Promise<void>): Promise<void> {
    while (!this.#isOver) {
      try {
        await visit();
      } catch (error) {
        this.#fault(String(error));
        await this.#wait(500);
      }
    }
  }

  #fault(text: string): void {
    if (this.#faults.length < 50) this.#faults.push(text);
  }

  async #wait(ms: number): Promise<void> {
    const end = performance.now() + ms;
    while (!this.#isOver && performance.now() < end) await sleep(Math.min(100, Math.max(1, end - performance.now())));
  }

  #stay(): number {
    return this.#random.between(0, this.#random.uniform() < 0.3 ? 300 : LONGEST_STAY_MS);
  }

  /** Somebody who has never been here. */
  async #visit(): Promise<void> {
    this.#nVisits++;
    const random = this.#random;
    const isLive = random.uniform() < 0.6;
    const beds = random.uniform() < 0.5 ? { beds: [pick(random, this.#beds)] } : {};
    const since = random.uniform() < 0.3 ? { since: Math.max(0, this.#cursor - random.whole(0, 200)) } : {};
    const { socket, closed } = this.#connect((address, message) => {
      if (message === 'hello')
        address({
          type: 'subscribe',
          topics: isLive ? LIVE_TOPICS : TIMELINE_TOPICS,
          ...beds,
          ...(isLive ? {} : since),
        });
    });
    const isSlow = random.uniform() < 0.15;
    await this.#wait(this.#stay());
    if (isSlow && socket.readyState === WebSocket.OPEN) {
      this.#nSlow++;
      socket.pause();
      await this.#wait(SLOW_MS);
      socket.resume();
    }
    if (random.uniform() < 0.5) socket.terminate();
    else socket.close();
    await closed;
    await this.#wait(random.between(0, 2000));
  }

  /** The one who comes back: every record once, in order, and none left out. */
  async #follow(): Promise<void> {
    this.#nResumed++;
    const { socket, closed } = this.#connect((address, message) => {
      if (message === 'hello') address({ type: 'subscribe', topics: TIMELINE_TOPICS, since: this.#cursor });
      if (typeof message === 'string') return;
      if (message.cursor <= this.#cursor) this.#fault(`cursor ${String(message.cursor)} after ${String(this.#cursor)}`);
      this.#cursor = message.cursor;
      this.#nFollowed++;
    });
    await this.#wait(this.#stay());
    if (this.#random.uniform() < 0.5) socket.terminate();
    else socket.close();
    await closed;
  }

  async #read(): Promise<void> {
    const bed = encodeURIComponent(pick(this.#random, this.#beds));
    const path = pick(this.#random, [
      ...['/v1/beds', '/v1/health', '/v1/alarms', '/v1/metrics', `/v1/events?after=${String(this.#cursor)}`, '/'],
      ...[
        `/v1/beds/${bed}/spectrogram`,
        `/v1/beds/${bed}/history?hours=24`,
        `/v1/beds/${bed}/labels`,
        `/v1/events?from=0&limit=100`,
      ],
    ]);
    const response = await fetch(new URL(path, this.#url));
    await response.arrayBuffer();
    this.#nRequests++;
    // A bed whose stream has not begun has no spectrogram yet.
    if (!response.ok && response.status !== 404) this.#fault(`${path} is answered with ${String(response.status)}`);
    await this.#wait(this.#random.between(200, 1500));
  }

  #connect(
    hear: (
      address: (message: Parameters<typeof encodeClientMessage>[1]) => void,
      message: 'hello' | { readonly cursor: number },
    ) => void,
  ): { readonly socket: WebSocket; readonly closed: Promise<void> } {
    const subprotocol: Subprotocol = this.#random.uniform() < 0.7 ? SUBPROTOCOL_MSGPACK : SUBPROTOCOL_JSON;
    const socket = new WebSocket(new URL(STREAM_PATH, this.#url.replace('http', 'ws')), subprotocol);
    const address = (message: Parameters<typeof encodeClientMessage>[1]): void => {
      socket.send(encodeClientMessage(subprotocol, message));
    };
    socket.on('message', (data: Buffer, isBinary) => {
      const message = decodeServerMessage(subprotocol, isBinary ? data : data.toString());
      if (message.type === 'hello') hear(address, 'hello');
      else if (message.type === 'error') this.#fault(`${message.code}: ${message.message}`);
      else if (isTimelineMessage(message)) hear(address, message);
    });
    socket.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => {
      socket.on('close', () => {
        resolve();
      });
    });
    return { socket, closed };
  }
}
