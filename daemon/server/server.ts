import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import { isIPv6 } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import fastify from 'fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { PushExchange } from '../../adapters/push/push-exchange.js';
import type { Guard } from '../access/guard.js';
import type { DaemonAlarms } from '../alarms/daemon-alarms.js';
import type { HealthSources } from '../health.js';
import type { Histories } from '../history/histories.js';
import type { Labels } from '../labels/labels.js';
import type { ConnectionFigures } from './connection-counters.js';
import { HostPolicy } from './host-policy.js';
import type { HostPolicyOptions } from './host-policy.js';
import { INGEST_PATH, STREAM_PATH, type OpenAlarm } from '../protocol/messages.js';
import type { Reloads } from '../reload/reloads.js';
import { addHttpRoutes, badRequest } from './http-routes.js';
import { listenError } from './check-port.js';
import { DEFAULT_LIMITS } from './limits.js';
import type { ServerLimits } from './limits.js';
import type { FindReplays } from './replay-routes.js';
import { rawAnswer } from './raw-answer.js';
import { readStaticFiles } from './static-files.js';
import { IngestServer } from './ingest-server.js';
import { StreamServer } from './stream-server.js';
import type { StreamFigures } from './stream-server.js';
import { upgradeRouter, WEBSOCKET_ROLES } from './upgrades.js';
import type { PastWaveforms } from './waveform-query.js';

export interface ServerOptions extends Omit<HealthSources, 'alarms'>, HostPolicyOptions {
  /** Address or name to listen on. */
  readonly host: string;
  /** 0: the system picks a free one. */
  readonly port: number;
  /** The built board. */
  readonly staticDir: string;
  /** Whether all beds are made up: the board says so. */
  readonly demonstration: () => boolean;
  /** Of the unit: IANA name. Left out: that of this machine. */
  readonly timeZone?: string | undefined;
  /** Left out: nobody watches for what is wrong. */
  readonly alarms?: Pick<DaemonAlarms, 'open' | 'board' | 'rules'>;
  /** Left out: nobody can label anything. */
  readonly labels?: Labels;
  /** Where beds take what programs push. Left out: no bed does. */
  readonly pushExchange?: PushExchange;
  /** Left out: nothing can be reloaded. */
  readonly reloads?: Reloads;
  /** Left out, or undefined yet: nothing can be replayed. */
  readonly replays?: FindReplays;
  /** Left out: no bed has a history. */
  readonly histories?: Pick<Histories, 'find' | 'read'>;
  /** Left out: nothing is known of the beds' past. */
  readonly waveforms?: PastWaveforms;
  readonly log?: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly limits?: Partial<ServerLimits>;
  /** Who may do what, and by which certificate. Left out: anybody anything, over plain HTTP. */
  readonly guard?: Guard;
}

/** Who is and was connected. */
export interface ServerFigures {
  readonly stream: StreamFigures;
  readonly ingest: ConnectionFigures;
}

export interface Server {
  /** Address for people and browsers, with the port that was taken; a wildcard address is shown as localhost. */
  readonly url: string;
  readonly port: number;
  readonly nClients: number;
  figures(): ServerFigures;
  /** Tells all subscribers at once which beds there are, rather than with the next heartbeat. */
  tellBeds(): void;
  /** @throws ChirpdError SERVER_PORT_IN_USE, SERVER_LISTEN_FAILED */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Requests beside the WebSocket clients, at a time. */
const MAX_HTTP_CONNECTIONS = 256;
/** How long a client may take to agree on TLS. */
const HANDSHAKE_MS = 10_000;

/** HTTP under `/v1`, the board, and the WebSockets at `/v1/stream` and `/v1/ingest`. Nothing listens before `start`. */
export function createServer(options: ServerOptions): Server {
  return new ChirpdServer(options);
}

class ChirpdServer implements Server {
  readonly #options: ServerOptions;
  readonly #app: FastifyInstance;
  readonly #stream: StreamServer;
  readonly #ingest: IngestServer;
  #port: number;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#port = options.port;
    const limits: ServerLimits = { ...DEFAULT_LIMITS, ...options.limits };
    const { guard } = options;
    const isTls = guard?.certificate !== undefined;
    const hostPolicy = new HostPolicy({
      ...options,
      isTls,
      allowedHosts: [...(options.allowedHosts ?? []), options.host],
    });
    const fastifyOptions = {
      forceCloseConnections: true,
      requestTimeout: 30_000,
      bodyLimit: 1024,
      // The name of a bed, percent-encoded.
      routerOptions: { maxParamLength: 1024 },
      frameworkErrors: (error: unknown, _request: unknown, reply: unknown) =>
        void (reply as FastifyReply).code(400).send(badRequest(error)),
      clientErrorHandler: (error: unknown, socket: Duplex) => {
        if (socket.writable) socket.end(rawAnswer(400, badRequest(error)));
      },
    };
    // Node would answer without a word; HostPolicy refuses with one.
    const http = { requireHostHeader: false };
    const https = { ...http, ...guard?.certificate?.context, handshakeTimeout: HANDSHAKE_MS };
    // The two differ in the class of the server beneath alone.
    this.#app = isTls ? fastify({ ...fastifyOptions, https }) : fastify({ ...fastifyOptions, http });
    const { version, log, alarms, pushExchange = new PushExchange() } = options;
    const openAlarms = (): readonly OpenAlarm[] => alarms?.open() ?? [];
    this.#stream = new StreamServer({ ...options, alarms: openAlarms, limits });
    this.#ingest = new IngestServer({ version, log, limits, exchange: pushExchange });
    addHttpRoutes(this.#app, {
      version,
      timeline: options.timeline,
      hub: options.hub,
      health: { sources: { ...options, alarms: openAlarms }, figures: () => this.figures() },
      reloads: options.reloads,
      replays: options.replays ?? ((): undefined => undefined),
      histories: options.histories,
      alarms: alarms && { open: openAlarms, board: alarms.board, rules: alarms.rules },
      labels: options.labels,
      waveforms: options.waveforms,
      recordings: () => options.recorder?.()?.list() ?? [],
      staticFiles: readStaticFiles(options.staticDir),
      hostPolicy,
      log: options.log,
      access: guard?.access,
      audit: guard?.audit,
      isInsecure: () => guard?.isInsecure ?? false,
      isTls,
    });
    this.#app.server.maxConnections = limits.maxClients + limits.maxPushers + MAX_HTTP_CONNECTIONS;
    this.#app.server.on('checkExpectation', ({ headers }: IncomingMessage, response: ServerResponse) => {
      const text = `Only 100-continue can be expected, not ${String(headers.expect).slice(0, 100)}`;
      response.writeHead(417, { connection: 'close', 'content-type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify(badRequest(text)));
    });
    const upgrades = new Map([
      [STREAM_PATH, { role: WEBSOCKET_ROLES[STREAM_PATH], handler: this.#stream.onUpgrade }],
      [INGEST_PATH, { role: WEBSOCKET_ROLES[INGEST_PATH], handler: this.#ingest.onUpgrade }],
    ]);
    this.#app.server.on('upgrade', upgradeRouter(upgrades, hostPolicy, guard?.access));
  }

  get url(): string {
    const { host } = this.#options;
    const name = host === '0.0.0.0' || host === '::' ? 'localhost' : isIPv6(host) ? `[${host}]` : host;
    const scheme = this.#options.guard?.certificate === undefined ? 'http' : 'https';
    return `${scheme}://${name}:${String(this.#port)}/`;
  }

  get port(): number {
    return this.#port;
  }

  get nClients(): number {
    return this.#stream.nClients;
  }

  figures(): ServerFigures {
    return { stream: this.#stream.figures(), ingest: this.#ingest.figures() };
  }

  tellBeds(): void {
    this.#stream.beat();
  }

  async start(): Promise<void> {
    const { host, port } = this.#options;
    try {
      await this.#app.listen({ host, port });
    } catch (error) {
      throw listenError({ host, port }, error);
    }
    this.#port = (this.#app.server.address() as AddressInfo).port;
    this.#stream.start();
    this.#ingest.start();
    const { guard } = this.#options;
    guard?.start((context) => {
      (this.#app.server as unknown as TlsServer).setSecureContext(context);
    });
  }

  async stop(): Promise<void> {
    this.#options.guard?.stop();
    await this.#ingest.stop();
    await this.#stream.stop();
    await this.#app.close();
  }
}
