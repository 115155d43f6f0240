import type { DeviceIdentity } from '../../pipelines/core/signal.js';
import type { ErrorMessage } from './messages.js';

/** Bytes of one message from a pusher; a longer one closes with 1009. JSON's base64 counts as it travels. */
export const MAX_PUSH_MESSAGE_BYTES = 1024 * 1024;
/** The daemon sends an `ack` at least this often once it is ready: longer silence means that the connection is dead. */
export const ACK_SECONDS = 2;

/** Every code with which the daemon closes a pusher's connection. */
export const INGEST_CLOSE = {
  ended: 1000,
  goingAway: 1001,
  tooLong: 1009,
  internalError: 1011,
  badMessage: 4400,
  accessEnded: 4401,
  noSuchBed: 4404,
  noSubprotocol: 4406,
  silent: 4408,
  bedTaken: 4409,
  replaced: 4411,
  mismatch: 4412,
  order: 4416,
  tooSlow: 4429,
  notReady: 4503,
} as const;

export type PushUnits = 'V' | 'mV' | 'uV' | 'nV';

/** First message of a pusher: what it is going to send, and to whom. */
export interface PushHelloMessage {
  readonly type: 'hello';
  readonly protocol: 1;
  /** Name of a bed of kind `push`. */
  readonly bed: string;
  /** The pusher's own id for this stream, the same on each connection; another one where samples are counted anew. */
  readonly stream: string;
  readonly channels: readonly PushChannel[];
  /** Hz. */
  readonly sampleRate: number;
  readonly units: PushUnits;
  /** For people: program, gateway or device. */
  readonly source: string;
  readonly device?: DeviceIdentity;
  /** Unix time of sample 0. Left out: reckoned from the moment at which the first hello of the stream comes. */
  readonly startTimeMicros?: number;
  /** `shared`: `timeMicros` of blocks is Unix time by a clock kept in step with the daemon's. Default `own`: any clock. */
  readonly clock?: 'own' | 'shared';
  /** The oldest sample that can still be sent: where a daemon that does not know the stream begins. Default 0. */
  readonly oldestSample?: number;
}

export interface PushChannel {
  readonly label: string;
  /** Lowest and highest value that the amplifier can give, in `units`. */
  readonly range?: readonly [number, number];
}

/** Consecutive samples. Their number is the sequence number: a block begins where the one before ended. */
export interface PushBlockMessage {
  readonly type: 'block';
  /** Counted from the stream's sample 0. Past the next one: what lies between is lost. */
  readonly firstSample: number;
  /** (nChannels, nSamples) little-endian float32 in the hello's units, C order. Base64 text in JSON. */
  readonly samples: Uint8Array;
  /** The pusher's clock when the last sample was taken, microseconds. */
  readonly timeMicros?: number;
  /** True where the block is sent later than it was there: its arrival says nothing about the clock. */
  readonly late?: boolean;
}

/** The stream is over. The daemon takes what it has, acknowledges it, and closes with 1000. */
export interface PushEndMessage {
  readonly type: 'end';
}

export type PusherMessage = PushHelloMessage | PushBlockMessage | PushEndMessage;

/** Answer to `hello`, when the bed takes samples. */
export interface ReadyMessage {
  readonly type: 'ready';
  readonly protocol: 1;
  readonly version: string;
  readonly serverTimeMicros: number;
  readonly bed: string;
  /** Send from this sample on, or from the oldest that is left. Those before it have come; only an `ack` says that they may be forgotten. */
  readonly nextSample: number;
  /** Samples that may be under way without an `ack`. */
  readonly windowSamples: number;
  readonly ackSeconds: number;
}

/** Every sample before `nextSample` is taken for good, also where the daemon is killed now, or counts as lost. */
export interface AckMessage {
  readonly type: 'ack';
  readonly nextSample: number;
}

export type IngestMessage = ReadyMessage | AckMessage | ErrorMessage;
