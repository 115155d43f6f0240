import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Subprotocol } from '../../../daemon/protocol/codec.js';
import { decodeIngestMessage, encodePusherMessage } from '../../../daemon/protocol/ingest-codec.js';
import type { IngestMessage, PusherMessage, PushHelloMessage } from '../../../daemon/protocol/ingest-messages.js';
import { INGEST_PATH, SUBPROTOCOL_MSGPACK } from '../../../daemon/protocol/messages.js';
import type { Server } from '../../../daemon/server/server.js';
import { until } from '../../until.js';

export const HELLO: PushHelloMessage = {
  type: 'hello',
  protocol: 1,
  bed: 'bed-1',
  stream: 'stream-0001',
  channels: [{ label: 'EEG F7-REF' }, { label: 'T3', range: [-5000, 5000] }],
  sampleRate: 256,
  units: 'uV',
  source: 'a test',
};

/** A pusher that does as it is told, wrong things too. */
export class RawPusher {
  readonly socket: WebSocket;
  readonly subprotocol: Subprotocol;
  readonly messages: IngestMessage[] = [];
  readonly closed: Promise<number>;

  constructor(server: Server, subprotocol: Subprotocol = SUBPROTOCOL_MSGPACK, options: WebSocket.ClientOptions = {}) {
    this.subprotocol = subprotocol;
    this.socket = new WebSocket(`ws://127.0.0.1:${String(server.port)}${INGEST_PATH}`, subprotocol, options);
    this.socket.on('message', (data: Buffer, isBinary) => {
      this.messages.push(decodeIngestMessage(subprotocol, isBinary ? data : data.toString()));
    });
    this.closed = once(this.socket, 'close').then(([code]) => code as number);
  }

  /** Connects and says hello. */
  static async greet(
    server: Server,
    hello: Partial<PushHelloMessage> = {},
    subprotocol?: Subprotocol,
  ): Promise<RawPusher> {
    const pusher = new RawPusher(server, subprotocol);
    await once(pusher.socket, 'open');
    pusher.send({ ...HELLO, ...hello });
    return pusher;
  }

  /** As `greet`, and waits for `ready`. */
  static async ready(...args: Parameters<typeof RawPusher.greet>): Promise<RawPusher> {
    const pusher = await RawPusher.greet(...args);
    await until(() => pusher.messages.length > 0, 'an answer to hello');
    const [first] = pusher.messages;
    if (first?.type !== 'ready') throw new Error(`not ready: ${JSON.stringify(first)}`);
    return pusher;
  }

  send(message: PusherMessage): void {
    this.socket.send(encodePusherMessage(this.subprotocol, message));
  }

  block(
    firstSample: number,
    samples: readonly Float32Array[],
    more: { timeMicros?: number; late?: boolean } = {},
  ): void {
    const bytes = Buffer.concat(samples.map((values) => Buffer.from(values.buffer)));
    this.send({ type: 'block', firstSample, samples: new Uint8Array(bytes), ...more });
  }

  get acknowledged(): number {
    return this.messages.reduce((newest, message) => (message.type === 'ack' ? message.nextSample : newest), 0);
  }

  /** Code of the error message that came before the close. */
  get errorCode(): string {
    return this.messages.reduce((newest, message) => (message.type === 'error' ? message.code : newest), '');
  }
}
