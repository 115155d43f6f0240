import type { Role } from './roles.js';

export const SESSION_PATH = '/v1/session';

/** Answer of `/v1/session`: who asks, and whether that matters. */
export interface SessionInfo {
  /** `none`: whoever reaches the daemon may do everything. */
  readonly authentication: 'tokens' | 'none';
  /** Others than this machine can reach the daemon without TLS or tokens. */
  readonly isInsecure: boolean;
  /** null: nobody who may do anything. */
  readonly identity: {
    /** Of the token. */
    readonly name: string;
    readonly role: Role;
    /** Of a session: when it ends. */
    readonly expiresTimeMicros?: number;
  } | null;
}
