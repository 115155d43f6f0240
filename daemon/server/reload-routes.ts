import type { FastifyInstance } from 'fastify';
import { RELOAD_PATH } from '../protocol/reload-messages.js';
import type { Reloads } from '../reload/reloads.js';
import { needs } from './route-role.js';

export type ReloadRoutesOptions = Pick<Reloads, 'reload' | 'state'>;

/** All that `/v1/config/reload` answers. */
export const RELOAD_METHODS = { path: /^\/v1\/config\/reload$/, methods: ['GET', 'HEAD', 'POST'] };

/** Takes the config file over anew, and says what became of that. */
export function addReloadRoutes(app: FastifyInstance, reloads: ReloadRoutesOptions): void {
  app.get(RELOAD_PATH, needs('view'), async (_request, reply) =>
    reply.header('cache-control', 'no-store').send(reloads.state),
  );
  app.post(RELOAD_PATH, needs('administer'), async (request, reply) => {
    const { identity, ip } = request;
    const who = identity && { token: identity.name, role: identity.role };
    const result = await reloads.reload({ by: 'http', ...who, address: ip });
    const status = result.error === undefined ? 200 : result.outcome === 'refused' ? 422 : 500;
    // As every error is told; what became of the beds stands beside it.
    const body = result.error === undefined ? result : { error: result.error, result };
    return reply.code(status).header('cache-control', 'no-store').send(body);
  });
}
