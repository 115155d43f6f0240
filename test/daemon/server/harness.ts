import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Test } from 'tap';
import { WebSocket } from 'ws';
import { LoopDelay } from '../../../daemon/loop-delay.js';
import { decodeServerMessage, encodeClientMessage } from '../../../daemon/protocol/codec.js';
import type { Subprotocol } from '../../../daemon/protocol/codec.js';
import {
  isTimelineMessage,
  STREAM_PATH,
  SUBPROTOCOL_JSON,
  SUBPROTOCOL_MSGPACK,
} from '../../../daemon/protocol/messages.js';
import type { BedInfo, ClientMessage, ServerMessage } from '../../../daemon/protocol/messages.js';
import { DaemonAlarms } from '../../../daemon/alarms/daemon-alarms.js';
import { Labels } from '../../../daemon/labels/labels.js';
import { Hub } from '../../../daemon/server/hub.js';
import { createServer } from '../../../daemon/server/server.js';
import type { Server, ServerOptions } from '../../../daemon/server/server.js';
import { AppendQueue } from '../../../daemon/timeline/append-queue.js';
import { Timeline } from '../../../daemon/timeline/timeline.js';

export interface TestServer {
  readonly server: Server;
  readonly timeline: Timeline;
  readonly hub: Hub;
  readonly alarms: DaemonAlarms;
  readonly appendQueue: AppendQueue;
}

/** A real server on a free port with a real timeline. */
export async function startBareServer(
  options: Partial<ServerOptions> = {},
): Promise<TestServer & { readonly stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-test-'));
  const timeline = await Timeline.open(join(folder, 'timeline'));
  const hub = options.hub ?? new Hub();
  const loopDelay = new LoopDelay();
  const appendQueue = new AppendQueue(timeline);
  const alarms = new DaemonAlarms({
    ...{ timeline, appendQueue, beds: () => hub.beds() },
    patient: {
      ...{ repeatMinutes: 3, escalateMinutes: 5, log: pino({ level: 'silent' }) },
      hasBed: (bed) => hub.bed(bed)?.isReplay === false,
      configuredRulesOf: () => ({ source: 'config', rules: [] }),
    },
  });
  const server = createServer({
    host: '127.0.0.1',
    port: 0,
    staticDir: join(folder, 'no-board'),
    version: '0.0.0-test',
    demonstration: () => false,
    timeline,
    hub,
    loopDelay,
    alarms,
    labels: new Labels({ timeline, hub }),
    ...options,
  });
  await server.start();
  const stop = async (): Promise<void> => {
    alarms.stop();
    await server.stop();
    await appendQueue.stop();
    await timeline.close();
    loopDelay.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { server, timeline, hub, alarms, appendQueue, stop };
}

/** The same, closed with the test. */
export async function startServer(t: Test, options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const { stop, ...started } = await startBareServer(options);
  t.teardown(stop);
  return started;
}

export const BED: BedInfo = {
  bed: 'bed-1',
  source: 'test',
  synthetic: true,
  state: 'streaming',
  stateText: '',
  derivations: ['F7-T7', 'T7-P7'],
  sampleRate: 256,
  profiles: [{ name: 'slow', rowHz: 0.125, hopSeconds: 0.46875 }],
  startTimeMicros: 1_700_000_000_000_000,
  newestTimeMicros: 1_700_000_001_000_000,
  newestAgeMs: 12,
  speed: 1,
};

/** A WebSocket client that keeps everything it gets. */
export class TestClient {
  readonly socket: WebSocket;
  readonly subprotocol: Subprotocol;
  readonly messages: ServerMessage[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #waiting: (() => void)[] = [];

  constructor(server: Server, subprotocol: Subprotocol = SUBPROTOCOL_MSGPACK, options: WebSocket.ClientOptions = {}) {
    this.subprotocol = subprotocol;
    this.socket = new WebSocket(`ws://127.0.0.1:${String(server.port)}${STREAM_PATH}`, subprotocol, options);
    this.socket.on('message', (data: Buffer, isBinary) => {
      this.messages.push(decodeServerMessage(subprotocol, isBinary ? data : data.toString()));
      this.#wake();
    });
    this.closed = once(this.socket, 'close').then((values) => {
      const [code, reason] = values as [number, Buffer];
      this.#wake();
      return { code, reason: reason.toString() };
    });
  }

  /** Resolves when the hello has come. */
  static async open(...args: ConstructorParameters<typeof TestClient>): Promise<TestClient> {
    const client = new TestClient(...args);
    await client.first('hello');
    return client;
  }

  send(message: ClientMessage): void {
    this.socket.send(encodeClientMessage(this.subprotocol, message));
  }

  async subscribe(message: Omit<ClientMessage, 'type'>): Promise<void> {
    const nBefore = this.of('subscribed').length;
    this.send({ type: 'subscribe', ...message });
    await this.until(() => this.of('subscribed').length > nBefore);
  }

  of<Type extends ServerMessage['type']>(type: Type): Extract<ServerMessage, { type: Type }>[] {
    return this.messages.filter((message) => message.type === type) as Extract<ServerMessage, { type: Type }>[];
  }

  /** Cursors of all timeline messages, in the order in which they came. */
  get cursors(): number[] {
    return this.messages.flatMap((message) => (isTimelineMessage(message) ? message.cursor : []));
  }

  async first<Type extends ServerMessage['type']>(type: Type): Promise<Extract<ServerMessage, { type: Type }>> {
    await this.until(() => this.of(type).length > 0);
    return this.of(type)[0] as Extract<ServerMessage, { type: Type }>;
  }

  /** Waits for messages until `condition` holds. Throws when the connection closes first, or after 20 s. */
  async until(condition: () => boolean): Promise<void> {
    const deadlineMs = performance.now() + 20_000;
    while (!condition()) {
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('The connection is closed');
      if (performance.now() > deadlineMs) throw new Error(`Waited in vain for ${condition.toString()}`);
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        setTimeout(resolve, 200);
      });
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

export const BOTH_SUBPROTOCOLS = [SUBPROTOCOL_MSGPACK, SUBPROTOCOL_JSON] as const;
