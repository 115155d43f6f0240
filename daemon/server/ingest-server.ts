import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { PushExchange } from '../../adapters/push/push-exchange.js';
import { isSubprotocol, SUBPROTOCOLS } from '../protocol/codec.js';
import { INGEST_CLOSE } from '../protocol/ingest-messages.js';
import { ConnectionCounters } from './connection-counters.js';
import type { ConnectionFigures } from './connection-counters.js';
import type { ServerLimits } from './limits.js';
import { PusherConnection } from './pusher-connection.js';
import { ACCESS_ENDED, refuseBadUpgrade, refuseUpgrade, type Watch } from './upgrades.js';

export interface IngestServerOptions {
  readonly version: string;
  readonly exchange: PushExchange;
  readonly limits: ServerLimits;
  readonly log?: Pick<Logger, 'info' | 'warn'> | undefined;
}

const SWEEP_MS = 200;
/** How long `stop` waits for pushers to answer the close frame. */
const STOP_GRACE_MS = 500;

/** The WebSocket side of pushing: takes upgrades at `/v1/ingest`, and keeps its pushers acknowledged. */
export class IngestServer {
  readonly #options: IngestServerOptions;
  readonly #connections = new Set<PusherConnection>();
  readonly #counters: ConnectionCounters;
  readonly #sockets: WebSocketServer;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(options: IngestServerOptions) {
    this.#options = options;
    this.#counters = new ConnectionCounters(options.limits.maxPushers, options.limits.maxPushersPerAddress);
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: options.limits.maxPushMessageBytes,
      maxFragments: 64,
      perMessageDeflate: false,
      handleProtocols: (offered) => SUBPROTOCOLS.find((name) => offered.has(name)) ?? false,
    });
    this.#sockets.on('wsClientError', refuseBadUpgrade);
  }

  get nPushers(): number {
    return this.#connections.size;
  }

  figures(): ConnectionFigures {
    return this.#counters.figures();
  }

  start(): void {
    const { limits } = this.#options;
    this.#timers.push(
      setInterval(() => {
        const nowMs = performance.now();
        for (const connection of this.#connections) connection.sweep(nowMs);
      }, SWEEP_MS),
      setInterval(() => {
        for (const connection of this.#connections) connection.ping();
      }, limits.pingMs),
    );
  }

  /** Tells pushers that the daemon goes away, and cuts off those that do not answer. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const connection of this.#connections) connection.close(INGEST_CLOSE.goingAway, 'the daemon is stopping');
    const deadlineMs = performance.now() + STOP_GRACE_MS;
    while (this.#connections.size > 0 && performance.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    for (const connection of this.#connections) connection.terminate();
    this.#sockets.close();
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
      this.#admit(webSocket, watch);
    });
  };

  #admit(socket: WebSocket, watch: Watch): void {
    const { log, version, exchange, limits } = this.#options;
    // ws closes the connection with the right code itself; without a listener the error would end the process.
    socket.on('error', (error) => {
      this.#counters.broken(error);
    });
    if (!isSubprotocol(socket.protocol)) {
      this.#counters.closed(INGEST_CLOSE.noSubprotocol);
      socket.close(INGEST_CLOSE.noSubprotocol, `offer a subprotocol: ${SUBPROTOCOLS.join(' or ')}`);
      return;
    }
    const { protocol: subprotocol } = socket;
    const counters = this.#counters;
    const connection = new PusherConnection({ socket, subprotocol, version, exchange, limits, counters, log });
    this.#connections.add(connection);
    const unwatch = watch(() => {
      connection.close(INGEST_CLOSE.accessEnded, ACCESS_ENDED);
    });
    socket.on('close', () => {
      unwatch();
      this.#connections.delete(connection);
    });
  }
}
