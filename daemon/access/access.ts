import type { IncomingHttpHeaders } from 'node:http';
import type { Logger } from 'pino';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { BEARER_SUBPROTOCOL } from '../protocol/messages.js';
import { isEnough, type Need, type Role } from '../protocol/roles.js';
import { RateLimit } from '../server/rate-limit.js';
import { cookieValue } from './cookie.js';
import type { Sessions } from './sessions.js';
import type { TokenEntry } from './token-file.js';
import type { Tokens } from './tokens.js';

/** Who asks: the bearer of a token, or of a session that was begun with one. */
export interface Identity {
  /** The token's. */
  readonly name: string;
  readonly role: Role;
  readonly tokenHash: string;
  readonly session?: { readonly hash: string; readonly expiresMs: number };
}

export interface AccessOptions {
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  /** Left out: tokens are asked for from the moment on at which there is one. */
  readonly authentication?: 'tokens' | 'none' | undefined;
  readonly cookieName: string;
  readonly log?: Pick<Logger, 'warn'> | undefined;
}

export interface Asking {
  readonly headers: IncomingHttpHeaders;
  /** Whether a cookie says who asks: only where the browser says that a page of this daemon does. */
  readonly mayUseCookie: boolean;
  readonly address?: string | undefined;
}

interface Connection {
  readonly identity: Identity | undefined;
  readonly end: () => void;
}

/** Ends of sessions are looked for this often. */
const SWEEP_MS = 500;
const LOGGED_PER_MINUTE = 10;

/** Who may do what: asked for each request and each WebSocket, and watching those that are open. */
export class Access {
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly cookieName: string;
  readonly #options: AccessOptions;
  readonly #connections = new Set<Connection>();
  readonly #logged = new RateLimit(LOGGED_PER_MINUTE);
  #isOn: boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.tokens = options.tokens;
    this.sessions = options.sessions;
    this.cookieName = options.cookieName;
    this.#isOn = options.authentication === 'tokens';
    this.#look();
    this.tokens.listen(() => {
      this.#look();
    });
  }

  /** Whether anybody is asked who they are. Once it is so it stays so: who removes the last token opens nothing. */
  get isOn(): boolean {
    return this.#isOn;
  }

  start(): void {
    this.tokens.start();
    this.#timer = setInterval(() => {
      this.#endOthers();
    }, SWEEP_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.tokens.stop();
  }

  /** Who asks; undefined where nothing says so, or nothing that holds, or nobody is asked. */
  identify(asking: Asking): Identity | undefined {
    if (!this.#isOn) return undefined;
    const token = tokenOf(asking.headers);
    if (token !== undefined) {
      const entry = this.tokens.find(token);
      return entry && this.#known(entry);
    }
    const secret = asking.mayUseCookie ? cookieValue(asking.headers.cookie, this.cookieName) : undefined;
    const session = secret === undefined ? undefined : this.sessions.find(secret);
    const entry = session && this.tokens.byHash(session.token);
    if (session === undefined || entry === undefined) return undefined;
    return { ...this.#known(entry), session: { hash: session.sha256, expiresMs: session.expiresMs } };
  }

  /**
   * Lets whoever was identified do what asks for a role.
   * @throws ChirpdError ACCESS_NO_TOKEN, ACCESS_WRONG_TOKEN (401), ACCESS_ROLE (403)
   */
  check(need: Need, identity: Identity | undefined, asking: Asking): void {
    if (!this.#isOn || need === 'anyone') return;
    if (identity !== undefined && isEnough(identity.role, need)) return;
    if (identity !== undefined) {
      const text = `The token "${identity.name}" may not do this: its role is ${identity.role}, and ${need} is needed`;
      throw new ChirpdError('ACCESS_ROLE', text);
    }
    if (tokenOf(asking.headers) !== undefined) throw this.wrongToken(asking.address);
    const text = `A token of role ${need} is needed: send it as "Authorization: Bearer TOKEN" (chirpd token add makes one)`;
    throw new ChirpdError('ACCESS_NO_TOKEN', text);
  }

  /** The error for a token that is not known; whoever guesses stands in the log. */
  wrongToken(address: string | undefined): ChirpdError {
    if (this.#logged.take()) this.#options.log?.warn({ address }, 'A token that is not known was refused');
    return new ChirpdError('ACCESS_WRONG_TOKEN', 'This token is not known, or was removed');
  }

  /**
   * Keeps an eye on a connection for as long as it is open.
   * @param end called once its right is gone: the token was removed, the session has ended, or tokens are asked for now
   * @returns how to tell that it is closed
   */
  watch(identity: Identity | undefined, end: () => void): () => void {
    const connection = { identity, end };
    this.#connections.add(connection);
    return () => void this.#connections.delete(connection);
  }

  /** A session is over: its connections end with it. */
  endSession(hash: string): void {
    this.sessions.end(hash);
    this.#endOthers();
  }

  #known(entry: TokenEntry): Identity {
    this.tokens.used(entry);
    return { name: entry.name, role: entry.role, tokenHash: entry.sha256 };
  }

  #look(): void {
    if (this.#options.authentication !== 'none' && !this.tokens.isEmpty) this.#isOn = true;
    this.#endOthers();
  }

  #endOthers(): void {
    if (!this.#isOn) return;
    for (const connection of this.#connections) {
      if (this.#holds(connection.identity)) continue;
      this.#connections.delete(connection);
      connection.end();
    }
  }

  #holds(identity: Identity | undefined): boolean {
    if (identity === undefined) return false;
    if (this.tokens.byHash(identity.tokenHash)?.role !== identity.role) return false;
    return identity.session === undefined || this.sessions.byHash(identity.session.hash) !== undefined;
  }
}

/** The token that headers name: as `Authorization: Bearer`, or, as a browser's WebSocket can set no header, as a subprotocol. */
function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? [];
  return offered.find((name) => name.startsWith(BEARER_SUBPROTOCOL))?.slice(BEARER_SUBPROTOCOL.length);
}
