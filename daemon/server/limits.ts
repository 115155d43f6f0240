import { MAX_PUSH_MESSAGE_BYTES } from '../protocol/ingest-messages.js';

/** Everything a client could make grow has a bound. */
export interface ServerLimits {
  /** WebSocket connections at a time; more get HTTP 503. */
  readonly maxClients: number;
  /** The same from one address. */
  readonly maxClientsPerAddress: number;
  /** The same of pushers, counted apart. */
  readonly maxPushers: number;
  readonly maxPushersPerAddress: number;
  /** Bytes of one message from a pusher; a longer one closes the connection with 1009. */
  readonly maxPushMessageBytes: number;
  /** How long a connected pusher may take to say hello. */
  readonly pushHelloMs: number;
  /** How long a pusher waits for a bed that does not take samples, before it is closed with 4503. */
  readonly pushReadyMs: number;
  /** Bytes of one message from a client; a longer one closes the connection with 1009. */
  readonly maxMessageBytes: number;
  /** How often a client may change its subscription; more closes the connection with 4413. */
  readonly subscribesPerMinute: number;
  /** Bytes waiting in a client's socket past which waveform and channels messages are left out. */
  readonly waveformBufferBytes: number;
  /** The same for spectrogram, trends and quality messages. */
  readonly liveBufferBytes: number;
  /** Bytes waiting past which events wait in the timeline; the largest of the three, as events come first. */
  readonly eventBufferBytes: number;
  /** How long events may wait for a full socket to empty, before the client is closed with 4429. */
  readonly slowClientMs: number;
  /** Seconds from heartbeat to heartbeat. */
  readonly heartbeatSeconds: number;
  /** A ping goes out this often; a client that has not answered when the next is due is dropped. */
  readonly pingMs: number;
  /** How long a closing client may take to answer the close frame. */
  readonly closeTimeoutMs: number;
}

const KIB = 1024;

export const DEFAULT_LIMITS: ServerLimits = {
  maxClients: 512,
  maxClientsPerAddress: 256,
  maxPushers: 512,
  maxPushersPerAddress: 256,
  maxPushMessageBytes: MAX_PUSH_MESSAGE_BYTES,
  pushHelloMs: 10_000,
  pushReadyMs: 60_000,
  maxMessageBytes: 16 * KIB,
  subscribesPerMinute: 240,
  waveformBufferBytes: 128 * KIB,
  liveBufferBytes: 256 * KIB,
  eventBufferBytes: 512 * KIB,
  slowClientMs: 10_000,
  heartbeatSeconds: 2,
  pingMs: 15_000,
  closeTimeoutMs: 10_000,
};
