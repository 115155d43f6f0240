import { WebSocket } from 'ws';
import { decodeServerMessage, encodeClientMessage, type Subprotocol } from '../../daemon/protocol/codec.js';
import {
  type HeartbeatMessage,
  STREAM_PATH,
  TIMELINE_TOPICS,
  type TimelineMessage,
} from '../../daemon/protocol/messages.js';
import { Watchers } from '../watchers.js';

/**
 * A client of the topics of the timeline that outlives its connections: each `follow` subscribes from the newest cursor that it
 * has heard of.
 */
export class StreamSubscriber {
  /** Everything heard over all connections, in the order in which it came. */
  readonly heard: TimelineMessage[] = [];
  /** Code with which the newest connection was closed. */
  closeCode = 0;
  newestHeartbeat: HeartbeatMessage | undefined;
  readonly #subprotocol: Subprotocol;
  #socket: WebSocket | undefined;
  #closed: Promise<void> = Promise.resolve();
  readonly #watchers = new Watchers();

  constructor(subprotocol: Subprotocol) {
    this.#subprotocol = subprotocol;
  }

  /** Newest cursor heard of; 0 at first. */
  get cursor(): number {
    return this.heard.at(-1)?.cursor ?? 0;
  }

  get nEvents(): number {
    return this.heard.filter(({ type }) => type === 'event').length;
  }

  /** Connects and subscribes. Nothing is awaited: the daemon may die at any time. */
  follow(address: string): void {
    const url = new URL(STREAM_PATH, address.replace('http', 'ws'));
    const socket = new WebSocket(url, this.#subprotocol);
    this.#socket = socket;
    socket.on('message', (data: Buffer, isBinary) => {
      const message = decodeServerMessage(this.#subprotocol, isBinary ? data : data.toString());
      switch (message.type) {
        case 'hello':
          socket.send(
            encodeClientMessage(this.#subprotocol, { type: 'subscribe', topics: TIMELINE_TOPICS, since: this.cursor }),
          );
          return;
        case 'event':
        case 'gap':
        case 'stream':
        case 'alarm':
        case 'acknowledgement':
        case 'label':
        case 'alarmRules':
        case 'config':
          this.heard.push(message);
          this.#watchers.wake();
          return;
        case 'heartbeat':
          this.newestHeartbeat = message;
          return;
        case 'error':
          throw new Error(`the daemon refused the subscription: ${message.message}`);
        default:
      }
    });
    this.#closed = new Promise((resolve) => {
      // 'close' follows, whatever went wrong.
      socket.on('error', () => undefined);
      socket.on('close', (code) => {
        this.closeCode = code;
        resolve();
      });
    });
  }

  /** Resolves when the connection is closed and everything that came over it has been heard. */
  async closed(): Promise<void> {
    await this.#closed;
  }

  async disconnect(): Promise<void> {
    this.#socket?.close();
    await this.#closed;
  }

  /** Resolves with true when `condition` holds after a message, with false after `timeoutMs`. */
  async until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    return this.#watchers.until(condition, timeoutMs);
  }

  /** Waits until the streams of all these beds have ended. @throws Error if that takes longer than `timeoutMs` */
  async untilEnded(beds: readonly string[], timeoutMs: number): Promise<void> {
    const hasEnded = (bed: string): boolean =>
      this.heard.some((m) => m.type === 'stream' && m.bed === bed && (m.what === 'end' || m.what === 'failed'));
    if (!(await this.until(() => beds.every(hasEnded), timeoutMs))) {
      throw new Error(`streams that have not ended: ${beds.filter((bed) => !hasEnded(bed)).join(', ')}`);
    }
  }
}
