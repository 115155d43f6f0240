import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { isSubprotocol, SUBPROTOCOLS } from '../protocol/codec.js';
import { CLOSE } from '../protocol/messages.js';
import type { BedInfo, OpenAlarm } from '../protocol/messages.js';
import { CatchUp } from './catch-up.js';
import { ConnectionCounters } from './connection-counters.js';
import type { ConnectionFigures } from './connection-counters.js';
import { EncodedMessage } from './encoded-message.js';
import { EventFeed } from './event-feed.js';
import type { Hub, HubReader, LiveMessage, LiveTopic } from './hub.js';
import { LeftOut } from './left-out.js';
import type { ServerLimits } from './limits.js';
import { StreamClient } from './stream-client.js';
import { ACCESS_ENDED, refuseBadUpgrade, refuseUpgrade, type Watch } from './upgrades.js';
import { machineTimeZone } from '../config/time-zone.js';
import type { Timeline } from '../timeline/timeline.js';

export interface StreamServerOptions {
  readonly version: string;
  readonly demonstration: () => boolean;
  /** Of the unit: IANA name. Left out: that of this machine. */
  readonly timeZone?: string | undefined;
  readonly timeline: Timeline;
  readonly hub: Hub;
  readonly alarms: () => readonly OpenAlarm[];
  readonly limits: ServerLimits;
}

/** Of all clients together, since the start. */
export interface StreamFigures extends ConnectionFigures {
  /** Live messages that slow clients did not get, by topic. */
  readonly nLeftOut: Readonly<Partial<Record<LiveTopic, number>>>;
  /** Timeline messages that the client that is furthest behind has not been sent. */
  readonly maxBehind: number;
}

const SWEEP_MS = 200;
const MICROS_PER_MS = 1000;
/** How long `stop` waits for clients to take what is committed, and again for them to answer the close frame. */
const STOP_GRACE_MS = 500;

/** The WebSocket side of the server: takes upgrades at `/v1/stream` and keeps its clients served. */
export class StreamServer implements HubReader {
  readonly takesReplays = true;
  readonly #options: StreamServerOptions;
  readonly #feed: EventFeed;
  readonly #clients = new Set<StreamClient>();
  readonly #counters: ConnectionCounters;
  readonly #leftOut = new LeftOut();
  readonly #catchUp = new CatchUp();
  readonly #sockets: WebSocketServer;
  readonly #timers: NodeJS.Timeout[] = [];
  #leaveHub: (() => void) | undefined;

  constructor(options: StreamServerOptions) {
    this.#options = options;
    this.#feed = new EventFeed(options.timeline);
    this.#counters = new ConnectionCounters(options.limits.maxClients, options.limits.maxClientsPerAddress);
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: options.limits.maxMessageBytes,
      maxFragments: 64,
      perMessageDeflate: false,
      handleProtocols: (offered) => SUBPROTOCOLS.find((name) => offered.has(name)) ?? false,
    });
    this.#sockets.on('wsClientError', refuseBadUpgrade);
  }

  get nClients(): number {
    return this.#clients.size;
  }

  figures(): StreamFigures {
    const maxBehind = Array.from(this.#clients).reduce((most, { nBehind }) => Math.max(most, nBehind), 0);
    return { ...this.#counters.figures(), nLeftOut: this.#leftOut.figures(), maxBehind };
  }

  start(): void {
    const { limits, hub } = this.#options;
    this.#leaveHub = hub.addReader(this);
    this.#feed.start(() => {
      for (const client of this.#clients) client.pump();
    });
    this.#every(SWEEP_MS, (client, nowMs) => {
      client.sweep(nowMs);
    });
    this.#every(limits.pingMs, (client) => {
      client.ping();
    });
    this.#timers.push(
      setInterval(() => {
        this.beat();
      }, limits.heartbeatSeconds * 1000),
    );
  }

  /** Sends a heartbeat now. */
  beat(): void {
    if (this.#clients.size === 0) return;
    const demonstration = this.#options.demonstration();
    const heartbeat = new EncodedMessage({ type: 'heartbeat', demonstration, ...this.#now() });
    for (const client of this.#clients) client.send(heartbeat);
  }

  /** Sends what is committed, tells clients that the daemon goes away, and cuts off those that do not answer. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#leaveHub?.();
    const clients = this.#clients;
    await waitUntil(() => Array.from(clients).every(({ nBehind }) => nBehind === 0), STOP_GRACE_MS);
    for (const client of clients) client.close(CLOSE.goingAway, 'the daemon is stopping');
    await waitUntil(() => clients.size === 0, STOP_GRACE_MS);
    for (const client of this.#clients) client.terminate();
    this.#feed.stop();
    this.#sockets.close();
  }

  wants(topic: LiveTopic, bed: string, isReplay: boolean): boolean {
    for (const client of this.#clients) if (client.wants(topic, bed, isReplay)) return true;
    return false;
  }

  receive(message: LiveMessage, isReplay: boolean): void {
    const encoded = new EncodedMessage(message);
    const { type, bed } = message;
    for (const client of this.#clients) if (client.wants(type, bed, isReplay)) client.sendLive(encoded);
  }

  readonly onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer, watch: Watch): void => {
    const address = request.socket.remoteAddress ?? '';
    const refusal = this.#counters.refusal(address);
    if (refusal !== undefined) {
      refuseUpgrade(socket, 503, 'PROTOCOL_TOO_MANY_CLIENTS', refusal);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('close', this.#counters.admit(address));
      this.#admit(webSocket, socket, watch);
    });
  };

  #admit(socket: WebSocket, transport: Duplex, watch: Watch): void {
    // ws closes the connection with the right code itself; without a listener the error would end the process.
    socket.on('error', (error) => {
      this.#counters.broken(error);
    });
    if (!isSubprotocol(socket.protocol)) {
      this.#counters.closed(CLOSE.noSubprotocol);
      socket.close(CLOSE.noSubprotocol, `offer a subprotocol: ${SUBPROTOCOLS.join(' or ')}`);
      return;
    }
    const { version, demonstration, limits, timeZone = machineTimeZone() } = this.#options;
    const client = new StreamClient({
      socket,
      transport,
      subprotocol: socket.protocol,
      feed: this.#feed,
      catchUp: this.#catchUp,
      limits,
      counters: this.#counters,
      leftOut: this.#leftOut,
    });
    this.#clients.add(client);
    const unwatch = watch(() => {
      client.close(CLOSE.accessEnded, ACCESS_ENDED);
    });
    socket.on('close', () => {
      unwatch();
      this.#clients.delete(client);
      client.terminate();
    });
    client.send(
      new EncodedMessage({
        type: 'hello',
        protocol: 1,
        version,
        demonstration: demonstration(),
        heartbeatSeconds: limits.heartbeatSeconds,
        timeZone,
        ...this.#now(),
      }),
    );
  }

  #now(): {
    readonly serverTimeMicros: number;
    readonly cursor: number;
    readonly beds: readonly BedInfo[];
    readonly alarms?: readonly OpenAlarm[];
  } {
    const alarms = this.#options.alarms();
    return {
      serverTimeMicros: Date.now() * MICROS_PER_MS,
      cursor: this.#feed.newestCursor,
      beds: this.#options.hub.beds(),
      ...(alarms.length > 0 && { alarms }),
    };
  }

  #every(periodMs: number, action: (client: StreamClient, nowMs: number) => void): void {
    this.#timers.push(
      setInterval(() => {
        const nowMs = performance.now();
        for (const client of this.#clients) action(client, nowMs);
      }, periodMs),
    );
  }
}

async function waitUntil(condition: () => boolean, timeoutMs: number): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!condition() && performance.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 5));
}
