import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { Access, Identity } from '../access/access.js';
import { setCookie } from '../access/cookie.js';
import { SESSION_PATH, type SessionInfo } from '../protocol/session-messages.js';
import { needs } from './route-role.js';

export interface SessionRoutesOptions {
  /** Left out: nobody is asked who they are. */
  readonly access?: Access | undefined;
  /** See `SessionInfo`. */
  readonly isInsecure?: (() => boolean) | undefined;
  /** Whether the daemon itself speaks TLS. */
  readonly isTls?: boolean | undefined;
}

/** All that `/v1/session` answers. */
export const SESSION_METHODS = { path: /^\/v1\/session$/, methods: ['GET', 'HEAD', 'POST', 'DELETE'] };

const MICROS_PER_MS = 1000;
const bodySchema = z.strictObject({ token: z.string().min(1).max(200) });

/** `/v1/session`: a board shows a token once, and has a cookie from then on. */
export function addSessionRoutes(app: FastifyInstance, options: SessionRoutesOptions): void {
  const { access, isInsecure, isTls = false } = options;
  const info = (identity: Identity | undefined): SessionInfo => ({
    authentication: access?.isOn === true ? 'tokens' : 'none',
    isInsecure: isInsecure?.() ?? false,
    identity: access?.isOn === true && identity !== undefined ? told(identity) : null,
  });
  const setSecret = (request: FastifyRequest, reply: FastifyReply, secret: string, seconds: number): void => {
    // A proxy in front may speak TLS for the daemon: the page's own origin says so.
    const isSecure = isTls || request.headers.origin?.startsWith('https:') === true;
    if (access) reply.header('set-cookie', setCookie(access.cookieName, secret, seconds, isSecure));
  };
  app.get(SESSION_PATH, needs('anyone'), async (request, reply) =>
    reply.header('cache-control', 'no-store').send(info(request.identity)),
  );
  app.post(SESSION_PATH, needs('anyone'), async (request, reply) => {
    const result = bodySchema.safeParse(request.body);
    if (!result.success) throw new ChirpdError('PROTOCOL_BAD_BODY', 'A session is begun with {"token"}');
    reply.header('cache-control', 'no-store');
    if (access?.isOn !== true) return reply.send(info(undefined));
    const entry = access.tokens.find(result.data.token);
    if (entry === undefined) throw access.wrongToken(request.ip);
    if (entry.role === 'push') {
      throw new ChirpdError(
        'ACCESS_ROLE',
        `The token "${entry.name}" is for a device that sends samples: it may see nothing`,
      );
    }
    // Who logs in anew gives up what was there.
    if (request.identity?.session !== undefined) access.endSession(request.identity.session.hash);
    const { secret, expiresMs } = access.sessions.begin(entry);
    access.tokens.used(entry);
    setSecret(request, reply, secret, Math.ceil((expiresMs - Date.now()) / 1000));
    const { name, role, sha256: tokenHash } = entry;
    request.identity = { name, role, tokenHash, session: { hash: '', expiresMs } };
    return reply.send(info(request.identity));
  });
  app.delete(SESSION_PATH, needs('anyone'), async (request, reply) => {
    const { identity } = request;
    if (access && identity?.session !== undefined) access.endSession(identity.session.hash);
    setSecret(request, reply, '', 0);
    return reply.header('cache-control', 'no-store').send(info(undefined));
  });
}

function told({ name, role, session }: Identity): NonNullable<SessionInfo['identity']> {
  return { name, role, ...(session && { expiresTimeMicros: Math.round(session.expiresMs * MICROS_PER_MS) }) };
}
