import type { FastifyInstance } from 'fastify';
import { healthReport, liveAnswer, readyAnswer, type HealthReport, type HealthSources } from '../health.js';
import { Metrics } from '../metrics/metrics.js';
import type { OpenAlarm } from '../protocol/messages.js';
import { needs } from './route-role.js';
import type { ServerFigures } from './server.js';

export interface HealthRoutesOptions {
  readonly sources: HealthSources & { readonly alarms: () => readonly OpenAlarm[] };
  readonly figures: () => ServerFigures;
}

export const HEALTH_PATHS = ['/v1/health', '/v1/health/live', '/v1/health/ready', '/v1/metrics'];

/** How the daemon is: for people, for whoever starts it again, for load balancers and for Prometheus. */
export function addHealthRoutes(app: FastifyInstance, { sources, figures }: HealthRoutesOptions): void {
  const health = (): HealthReport => healthReport(sources, figures());
  const { timeline, alarms } = sources;
  const metrics = new Metrics({ health, alarms, dataDirectory: timeline.directory });
  timeline.listen((messages) => {
    metrics.tell(messages);
  });
  app.get('/v1/health', needs('view'), async (_request, reply) =>
    reply.header('cache-control', 'no-store').send(health()),
  );
  app.get('/v1/health/live', needs('view'), async (_request, reply) => {
    const answer = liveAnswer(sources);
    return reply
      .code(answer.isLive ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(answer);
  });
  app.get('/v1/health/ready', needs('view'), async (_request, reply) => {
    const answer = readyAnswer(sources);
    return reply
      .code(answer.isReady ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(answer);
  });
  app.get('/v1/metrics', needs('view'), async (_request, reply) =>
    reply
      .header('cache-control', 'no-store')
      .type(metrics.contentType)
      .send(await metrics.text()),
  );
}
