import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../access/access.js';
import type { AuditLog } from '../access/audit-log.js';
import { ChirpdError, isChirpdError } from '../../pipelines/core/errors.js';
import type { Need } from '../protocol/roles.js';
import { SESSION_PATH } from '../protocol/session-messages.js';
import type { HostPolicy } from './host-policy.js';

export interface AccessHooksOptions {
  /** Left out: nobody is asked who they are. */
  readonly access?: Access | undefined;
  /** Left out: nobody notes who changes what. */
  readonly audit?: Pick<AuditLog, 'add'> | undefined;
  readonly hostPolicy: HostPolicy;
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** Before each request: by which name, from which page, with which right. After those that may have changed something: who it was. */
export function addAccessHooks(app: FastifyInstance, { access, audit, hostPolicy }: AccessHooksOptions): void {
  app.decorateRequest('identity', undefined);
  app.addHook('onRequest', async (request, reply) => {
    const { host, origin } = request.headers;
    if (!hostPolicy.allowsHost(host)) {
      throw new ChirpdError(
        'PROTOCOL_FOREIGN_HOST',
        `This daemon does not go by the name ${host ?? ''}: use its address, or list the name as allowed`,
      );
    }
    // What only reads is safe: a browser does not show the answer to a page of another site.
    if (!SAFE_METHODS.has(request.method) && !hostPolicy.allowsOrigin(origin, host)) {
      throw new ChirpdError('PROTOCOL_FOREIGN_ORIGIN', `Pages of ${origin ?? ''} may change nothing in this daemon`);
    }
    if (access === undefined) return;
    const asking = {
      headers: request.headers,
      mayUseCookie: SAFE_METHODS.has(request.method) ? comesFromOwnPage(request, hostPolicy) : origin !== undefined,
      address: request.ip,
    };
    request.identity = access.identify(asking);
    try {
      access.check(needOf(request), request.identity, asking);
    } catch (error) {
      if (!isChirpdError(error, 'ACCESS_ROLE')) reply.header('www-authenticate', 'Bearer realm="chirpd"');
      throw error;
    }
  });
  if (audit === undefined) return;
  // Before the answer goes out: whoever has one finds it in the log, also when the daemon is killed in that moment.
  app.addHook('onSend', async (request, reply) => {
    if (SAFE_METHODS.has(request.method) || !isNoted(reply.statusCode, request.identity !== undefined)) return;
    const { identity, body, method, url } = request;
    audit.add({
      token: identity?.name ?? null,
      role: identity?.role ?? null,
      address: request.ip,
      what: `${method} ${url.slice(0, 500)}`,
      status: reply.statusCode,
      // A session is begun with a token.
      ...(body !== undefined && body !== null && url !== SESSION_PATH && { body: JSON.stringify(body) }),
    });
  });
}

/** Where nothing is, whoever may look may know that. The board's files are no secret, and it asks for the token. */
function needOf(request: FastifyRequest): Need {
  if (request.is404) return request.url.startsWith('/v1/') ? 'view' : 'anyone';
  return request.routeOptions.config.role ?? 'administer';
}

/** Browsers say where a request comes from; what says nothing is a program, or an old browser that cannot show the answer to another site. */
function comesFromOwnPage({ headers }: FastifyRequest, hostPolicy: HostPolicy): boolean {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return true;
  return headers.origin !== undefined && hostPolicy.allowsOrigin(headers.origin, headers.host);
}

/** What was done, or failed half-way, and what somebody had no right to do; not what was asked for in a wrong way. */
function isNoted(status: number, isKnown: boolean): boolean {
  return status < 400 || (status === 403 && isKnown) || status >= 500;
}
