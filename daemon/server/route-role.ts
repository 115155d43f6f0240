import type { RouteShorthandOptions } from 'fastify';
import type { Identity } from '../access/access.js';
import type { Need } from '../protocol/roles.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route asks for. A test fails where none is declared; until then it is `administer`. */
    role?: Need;
  }
  interface FastifyRequest {
    /** Who asks; undefined where nobody is asked, or need not say. */
    identity: Identity | undefined;
  }
}

/** Options of a route that asks for a role: `app.get('/v1/beds', needs('view'), ...)`. @param more any others, such as a limit of the body */
export function needs(role: Need, more: Omit<RouteShorthandOptions, 'config'> = {}): RouteShorthandOptions {
  return { ...more, config: { role } };
}
