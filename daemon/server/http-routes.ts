import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import type { ErrorCode } from '../../pipelines/core/errors.js';
import type { Histories } from '../history/histories.js';
import type { Labels } from '../labels/labels.js';
import { encodeBedHistory, encodeSpectrogramHistory, encodeWaveformHistory } from '../protocol/codec.js';
import { REPLAYABLE_PATH } from '../protocol/replay-messages.js';
import { INGEST_PATH, STREAM_PATH } from '../protocol/messages.js';
import type { RecordingEntry } from '../recording/recorder.js';
import type { Timeline } from '../timeline/timeline.js';
import { addAccessHooks, type AccessHooksOptions } from './access-hooks.js';
import { RELOAD_METHODS, addReloadRoutes, type ReloadRoutesOptions } from './reload-routes.js';
import { addReplayRoutes, REPLAY_PATHS, type FindReplays } from './replay-routes.js';
import { ACKNOWLEDGE_PATH, addAlarmRoutes, type AlarmRoutesOptions } from './alarm-routes.js';
import { addAlarmRulesRoutes, ALARM_RULES_PATH } from './alarm-rules-routes.js';
import { addAlarmPreviewRoute, PREVIEW_PATH } from './alarm-preview-route.js';
import { addApiDocumentRoutes } from './api-documents.js';
import { DetailedError } from './detailed-error.js';
import { readEvents } from './events-query.js';
import { readHistory } from './history-query.js';
import { addHealthRoutes, HEALTH_PATHS, type HealthRoutesOptions } from './health-routes.js';
import { addLabelRoutes, LABEL_PATHS } from './label-routes.js';
import type { Hub } from './hub.js';
import type { ErrorBody } from './raw-answer.js';
import { readMontages } from './montages-query.js';
import { needs } from './route-role.js';
import { addSessionRoutes, SESSION_METHODS, type SessionRoutesOptions } from './session-routes.js';
import { readSpectrogram } from './spectrogram-query.js';
import type { StaticFile } from './static-files.js';
import { WEBSOCKET_ROLES } from './upgrades.js';
import { API_DOCUMENTS } from './whole-api-document.js';
import { readWaveform, type PastWaveforms } from './waveform-query.js';

export interface HttpRoutesOptions extends AccessHooksOptions, SessionRoutesOptions {
  readonly version: string;
  readonly timeline: Timeline;
  readonly hub: Pick<Hub, 'beds' | 'bed'>;
  readonly health: HealthRoutesOptions;
  readonly recordings: () => readonly RecordingEntry[];
  /** Left out: nothing is known of the beds' past. */
  readonly waveforms?: PastWaveforms | undefined;
  /** Left out: nothing can be reloaded. */
  readonly reloads?: ReloadRoutesOptions | undefined;
  readonly replays: FindReplays;
  readonly histories?: Pick<Histories, 'find' | 'read'> | undefined;
  readonly alarms: AlarmRoutesOptions | undefined;
  readonly labels: Labels | undefined;
  readonly staticFiles: ReadonlyMap<string, StaticFile>;
  readonly log: Pick<Logger, 'error'> | undefined;
}

/** On every answer: the board runs its own scripts and talks to its own daemon, and nothing else. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const API_PATHS = [
  ...HEALTH_PATHS,
  '/v1/beds',
  '/v1/events',
  '/v1/alarms',
  '/v1/recordings',
  REPLAYABLE_PATH,
  STREAM_PATH,
  INGEST_PATH,
  ...Object.keys(API_DOCUMENTS),
];
const BED_PATH = /^\/v1\/beds\/[^/]+\/(?:spectrogram|history|waveform|montages|labels\.tsv)$/;
/** Paths that answer other methods than GET and HEAD: all that they answer. */
const OTHER_METHODS: readonly { readonly path: RegExp; readonly methods: readonly string[] }[] = [
  ...REPLAY_PATHS,
  ...LABEL_PATHS,
  SESSION_METHODS,
  RELOAD_METHODS,
  { path: ACKNOWLEDGE_PATH, methods: ['POST'] },
  { path: PREVIEW_PATH, methods: ['POST'] },
  ALARM_RULES_PATH,
];

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  PROTOCOL_BAD_QUERY: 400,
  PROTOCOL_BAD_BODY: 400,
  ACCESS_NO_TOKEN: 401,
  ACCESS_WRONG_TOKEN: 401,
  ACCESS_ROLE: 403,
  PROTOCOL_FOREIGN_HOST: 421,
  PROTOCOL_FOREIGN_ORIGIN: 403,
  PROTOCOL_NOT_FOUND: 404,
  PROTOCOL_METHOD_NOT_ALLOWED: 405,
  PROTOCOL_UPGRADE_REQUIRED: 426,
  CONFIG_NO_FILE: 409,
  CONFIG_NOT_READY: 503,
  CONFIG_STOPPING: 503,
  REPLAY_FORBIDDEN: 403,
  REPLAY_NOT_FOUND: 404,
  REPLAY_ENDED: 409,
  REPLAY_TOO_MANY: 409,
  REPLAY_NOT_READY: 503,
  ALARM_NOT_OPEN: 404,
  ALARM_STOPPING: 503,
  LABEL_EVENT_NOT_FOUND: 404,
  LABEL_NOT_FOUND: 404,
  LABEL_ID_TAKEN: 409,
  LABEL_TOO_MANY: 409,
  LABEL_NOT_STORED: 503,
  ALARM_RULES_CHANGED: 412,
  ALARM_RULES_UNSEEN: 428,
};

export function addHttpRoutes(app: FastifyInstance, options: HttpRoutesOptions): void {
  const { timeline, hub, health, recordings, waveforms, staticFiles, log } = options;

  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
  addAccessHooks(app, options);

  addHealthRoutes(app, { ...health, access: options.access });
  app.get('/v1/beds', needs('view'), async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ beds: hub.beds() }),
  );
  app.get('/v1/recordings', needs('view'), async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ recordings: recordings() }),
  );
  app.get('/v1/events', needs('view'), async (request, reply) =>
    reply.header('cache-control', 'no-store').send(readEvents(timeline, request.query)),
  );
  app.get('/v1/beds/:bed/spectrogram', needs('view'), async (request, reply) => {
    const body = encodeSpectrogramHistory(readSpectrogram(hub, request.params, request.query));
    return reply.header('cache-control', 'no-store').type('application/vnd.msgpack').send(body);
  });
  app.get('/v1/beds/:bed/history', needs('view'), async (request, reply) => {
    const body = encodeBedHistory(await readHistory(hub, options.histories, request.params, request.query));
    return reply.header('cache-control', 'no-store').type('application/vnd.msgpack').send(body);
  });
  app.get('/v1/beds/:bed/waveform', needs('view'), async (request, reply) => {
    const body = encodeWaveformHistory(await readWaveform(hub, waveforms, request.params, request.query));
    return reply.header('cache-control', 'no-store').type('application/vnd.msgpack').send(body);
  });
  app.get('/v1/beds/:bed/montages', needs('view'), async (request, reply) =>
    reply.header('cache-control', 'no-store').send(readMontages(hub, request.params, request.query)),
  );
  addApiDocumentRoutes(app, options.version);
  addSessionRoutes(app, options);
  if (options.reloads) addReloadRoutes(app, options.reloads);
  addReplayRoutes(app, options.replays);
  if (options.alarms) addAlarmRoutes(app, options.alarms);
  if (options.alarms?.rules) addAlarmRulesRoutes(app, options.alarms.rules);
  addAlarmPreviewRoute(app, { timeline, hub, book: options.alarms?.rules });
  if (options.labels) addLabelRoutes(app, options.labels, timeline);
  for (const path of [STREAM_PATH, INGEST_PATH] as const) {
    app.get(path, needs(WEBSOCKET_ROLES[path]), async (_request, reply) => {
      reply.header('upgrade', 'websocket');
      throw new ChirpdError('PROTOCOL_UPGRADE_REQUIRED', `${path} speaks WebSocket`);
    });
  }
  app.get('/*', needs('anyone'), async (request, reply) => sendStatic(staticFiles, request, reply));

  app.setNotFoundHandler(async (request, reply) => {
    if (request.method === 'GET' || request.method === 'HEAD') throw notFound(request.url);
    const path = request.url.split('?')[0] ?? '';
    const others = OTHER_METHODS.find((other) => other.path.test(path))?.methods;
    if (others === undefined && !isApiPath(path) && !staticFiles.has(path)) throw notFound(path);
    const allowed = (others ?? ['GET', 'HEAD']).join(', ');
    reply.header('allow', allowed);
    throw new ChirpdError('PROTOCOL_METHOD_NOT_ALLOWED', `${path} answers ${allowed}, not ${request.method}`);
  });
  app.setErrorHandler((error: unknown, _request, reply) => sendError(error, reply, log));
}

async function sendStatic(
  files: ReadonlyMap<string, StaticFile>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const file = files.get(request.url.split('?')[0] ?? '');
  if (file === undefined) {
    if (files.size === 0 && request.url === '/') {
      throw new ChirpdError('PROTOCOL_NOT_FOUND', 'The board is not built: run "npm run build" and restart chirpd');
    }
    throw notFound(request.url);
  }
  reply.headers({ 'cache-control': 'no-cache', etag: file.etag });
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  return reply.type(file.contentType).send(file.body);
}

function sendError(error: unknown, reply: FastifyReply, log: HttpRoutesOptions['log']): FastifyReply {
  if (error instanceof ChirpdError) {
    const status = STATUS[error.code] ?? 500;
    if (status === 500) log?.error({ code: error.code }, error.message);
    const details = error instanceof DetailedError ? error.details : {};
    return reply.code(status).send({ error: { code: error.code, message: error.message, ...details } });
  }
  const statusCode = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (statusCode >= 400 && statusCode < 500) {
    return reply.code(statusCode).send(badRequest(error));
  }
  log?.error({ error: errorText(error) }, 'An HTTP request failed');
  return reply.code(500).send({ error: { code: 'PROTOCOL_INTERNAL', message: 'Something went wrong; see the log' } });
}

/** Body of the answer to a request that is malformed as HTTP. */
export function badRequest(error: unknown): ErrorBody {
  return { error: { code: 'PROTOCOL_BAD_REQUEST', message: errorText(error) } };
}

function notFound(url: string): ChirpdError {
  return new ChirpdError('PROTOCOL_NOT_FOUND', `There is nothing at ${url.slice(0, 200)}`);
}

function isApiPath(path: string): boolean {
  return API_PATHS.includes(path) || BED_PATH.test(path);
}
