import { ChirpdError } from '../../pipelines/core/errors.js';
import type { ErrorCode } from '../../pipelines/core/errors.js';
import type { Subprotocol } from '../protocol/codec.js';
import type { Topic } from '../protocol/messages.js';
import type { WebSocketClass } from './web-socket.js';

export interface SubscriberOptions {
  /** Of the daemon, such as `http://127.0.0.1:4180`. */
  readonly url: string;
  /** As `chirpd token add` prints it, of role `view` or more. A board's page needs none: it has a cookie. */
  readonly token?: string;
  /** Default: `events` alone. */
  readonly topics?: readonly Topic[];
  /** Left out: all beds. */
  readonly beds?: readonly string[];
  /** 0 to 1: events whose score stays below it are left out. */
  readonly minimumScore?: number;
  /** True: what replays tell, too. Left out: only of those whose beds are named. */
  readonly replays?: boolean;
  /** Cursor after which to begin; 0 for all that is kept. Left out: with what is told from the first connection on. */
  readonly since?: number;
  /**
   * What to do where the daemon no longer has what follows the newest cursor here, or has another timeline: `fail` with
   * the error (the default), go on with the `oldest` that is kept, or with the `newest`, what is told from now on.
   */
  readonly onTimelineLost?: (error: TimelineLostError) => 'fail' | 'oldest' | 'newest';
  /** Messages that wait for an async iterator before the connection is held. Default 1024. */
  readonly maxBuffered?: number;
  /** Longest pause between attempts to connect, milliseconds; the first is 250. Default 5000. */
  readonly longestRetryMs?: number;
  /** Default MessagePack. */
  readonly subprotocol?: Subprotocol;
  /** Default: the one of the browser or of Node. */
  readonly webSocket?: WebSocketClass;
}

/**
 * `idle`: nobody listens, so there is no connection; `connecting`: for the first time; `live`: connected, and the daemon was
 * heard a moment ago; `stale`: connected, but silent for longer than a heartbeat, or held by a slow consumer: what is
 * shown may be old; `lost`: no connection, and another attempt comes; `closed`; `failed`: for good, and the reason needs a person.
 */
export interface SubscriberState {
  readonly type: 'idle' | 'connecting' | 'live' | 'stale' | 'lost' | 'closed' | 'failed';
  /** Unix milliseconds. While attempts fail, `lost` keeps the moment at which the connection was lost. */
  readonly sinceMs: number;
  /** For people; empty where there is nothing to say. */
  readonly reason: string;
  /** With `lost`: milliseconds to the next attempt. */
  readonly retryMs?: number;
}

export interface SubscriberFigures {
  /** Connections after the first. */
  readonly nReconnects: number;
  /** How often an async iterator was so slow that the connection was held. */
  readonly nHeld: number;
}

/**
 * The daemon cannot go on after this cursor: `PROTOCOL_CURSOR_TOO_OLD`, what followed it was deleted; or
 * `PROTOCOL_UNKNOWN_CURSOR`, its timeline is another one.
 */
export class TimelineLostError extends ChirpdError {
  /** The newest that was had here. */
  readonly cursor: number;
  /** Cursor of the oldest message that the daemon has; 0 where it has none. */
  readonly oldestCursor: number;
  readonly newestCursor: number;

  constructor(code: ErrorCode, message: string, cursors: { cursor: number; oldest: number; newest: number }) {
    super(code, message);
    this.cursor = cursors.cursor;
    this.oldestCursor = cursors.oldest;
    this.newestCursor = cursors.newest;
  }
}
