import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../access/access.js';
import { healthReport, liveAnswer, readyAnswer, type HealthReport, type HealthSources } from '../health.js';
import { Metrics } from '../metrics/metrics.js';
import type { OpenAlarm } from '../protocol/messages.js';
import { isEnough } from '../protocol/roles.js';
import { needs } from './route-role.js';
import type { ServerFigures } from './server.js';

export interface HealthRoutesOptions {
  readonly sources: HealthSources & { readonly alarms: () => readonly OpenAlarm[] };
  readonly figures: () => ServerFigures;
  /** Left out: nobody is asked who they are. */
  readonly access?: Pick<Access, 'isOn'> | undefined;
}

/** In place of reasons, for who may not know them. */
const UNTOLD = 'a token of role view is told why';

export const HEALTH_PATHS = ['/v1/health', '/v1/health/live', '/v1/health/ready', '/v1/metrics'];

/** How the daemon is: for people, for whoever starts it again, for load balancers and for Prometheus. */
export function addHealthRoutes(app: FastifyInstance, { sources, figures, access }: HealthRoutesOptions): void {
  const health = (): HealthReport => healthReport(sources, figures());
  const { timeline, alarms } = sources;
  const metrics = new Metrics({ health, alarms, dataDirectory: timeline.directory });
  timeline.listen((messages) => {
    metrics.tell(messages);
  });
  app.get('/v1/health', needs('view'), async (_request, reply) =>
    reply.header('cache-control', 'no-store').send(health()),
  );
  // Probes of load balancers and container managers hold no tokens: they get yes or no, and others why as well.
  const mayKnow = ({ identity }: FastifyRequest): boolean =>
    access?.isOn !== true || (identity !== undefined && isEnough(identity.role, 'view'));
  app.get('/v1/health/live', needs('anyone'), async (request, reply) => {
    const { isLive, reason } = liveAnswer(sources);
    return reply
      .code(isLive ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ isLive, reason: isLive || mayKnow(request) ? reason : UNTOLD });
  });
  app.get('/v1/health/ready', needs('anyone'), async (request, reply) => {
    const { isReady, reasons } = readyAnswer(sources);
    return reply
      .code(isReady ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ isReady, reasons: isReady || mayKnow(request) ? reasons : [UNTOLD] });
  });
  app.get('/v1/metrics', needs('view'), async (_request, reply) =>
    reply
      .header('cache-control', 'no-store')
      .type(metrics.contentType)
      .send(await metrics.text()),
  );
}
