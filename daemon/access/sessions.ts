import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { z } from 'zod';
import { errorText } from '../../pipelines/core/errors.js';
import { replaceFile } from '../replace-file.js';
import { hashOf, type TokenEntry } from './token-file.js';

const HOUR_MS = 3_600_000;
const SECRET_BYTES = 32;
/** More than boards there are; past them the oldest end. */
const MAX_SESSIONS = 1000;
const MAX_PER_TOKEN = 200;

const fileSchema = z.object({
  sessions: z.array(z.object({ sha256: z.string(), token: z.string(), expiresMs: z.number() })),
});

/** Somebody at a browser who has shown a token. */
export interface Session {
  /** Hash of the cookie's value, which is kept nowhere. */
  readonly sha256: string;
  /** Hash of the token that was shown. */
  readonly token: string;
  readonly expiresMs: number;
}

export interface SessionsOptions {
  /** Where they outlive a restart of the daemon. */
  readonly file: string;
  /** How long one lasts. */
  readonly hours: number;
  readonly log?: Pick<Logger, 'warn'> | undefined;
}

/** The sessions of all browsers. */
export class Sessions {
  readonly #options: SessionsOptions;
  #sessions: readonly Session[];

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#sessions = readSessions(options);
  }

  /** Begins a session. @returns the cookie's value, and when it ends */
  begin({ sha256: token }: TokenEntry): { readonly secret: string; readonly expiresMs: number } {
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    const expiresMs = Date.now() + this.#options.hours * HOUR_MS;
    const ofToken = this.#sessions.filter((session) => session.token === token);
    const surplus = ofToken.slice(0, Math.max(0, ofToken.length - MAX_PER_TOKEN + 1));
    const left = this.#sessions.filter((session) => !surplus.includes(session)).slice(1 - MAX_SESSIONS);
    this.#keep([...left, { sha256: hashOf(secret), token, expiresMs }]);
    return { secret, expiresMs };
  }

  /** Undefined where there is none, or it has ended. */
  find(secret: string): Session | undefined {
    return this.byHash(hashOf(secret));
  }

  byHash(sha256: string): Session | undefined {
    const session = this.#sessions.find((one) => one.sha256 === sha256);
    return session !== undefined && session.expiresMs > Date.now() ? session : undefined;
  }

  end(sha256: string): void {
    this.#keep(this.#sessions.filter((session) => session.sha256 !== sha256));
  }

  #keep(sessions: readonly Session[]): void {
    this.#sessions = sessions.filter(({ expiresMs }) => expiresMs > Date.now());
    try {
      replaceFile(this.#options.file, `${JSON.stringify({ sessions: this.#sessions })}\n`);
    } catch (error) {
      this.#options.log?.warn({ problem: errorText(error) }, 'Sessions of boards will not outlive a restart');
    }
  }
}

function readSessions({ file, log }: SessionsOptions): readonly Session[] {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).sessions;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      log?.warn({ problem: errorText(error) }, 'Sessions of boards are forgotten: their file cannot be read');
    }
    return [];
  }
}
