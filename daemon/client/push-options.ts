import type { DeviceIdentity } from '../../pipelines/core/signal.js';
import type { Subprotocol } from '../protocol/codec.js';
import type { PushChannel, PushUnits } from '../protocol/ingest-messages.js';
import type { WebSocketClass } from './web-socket.js';

export interface PushOptions {
  /** Of the daemon, such as `http://127.0.0.1:4180`. */
  readonly url: string;
  /** As `chirpd token add` prints it, of role `push`. */
  readonly token?: string;
  /** Name of a bed of kind `push`. */
  readonly bed: string;
  /** Labels, or labels with the range that the amplifier has, in `units`. */
  readonly channels: readonly (string | PushChannel)[];
  /** Hz. */
  readonly sampleRate: number;
  /** Of the values; default `uV`. */
  readonly units?: PushUnits;
  /** For people: program, gateway or device. */
  readonly source: string;
  readonly device?: DeviceIdentity;
  /** Unix time of sample 0; default: the moment at which the daemon first hears of the stream. */
  readonly startTimeMicros?: number;
  /** `shared`: `timeMicros` given to `send` is Unix time by a clock kept in step with the daemon's. Default `own`. */
  readonly clock?: 'own' | 'shared';
  /** How much is kept for a daemon that does not answer; then the oldest is dropped. Default 60. */
  readonly bufferSeconds?: number;
  /** Default MessagePack. */
  readonly subprotocol?: Subprotocol;
  /** Default: the one of the browser or of Node. */
  readonly webSocket?: WebSocketClass;
  /** Told of each change, with the reason. */
  readonly onState?: (state: PusherState, reason: string) => void;
}

/**
 * `connecting`: on the way; `ready`: the bed takes samples; `waiting`: until the next attempt; `closed`: ended in good order;
 * `failed`: for good, and the reason needs a person.
 */
export type PusherState = 'connecting' | 'ready' | 'waiting' | 'closed' | 'failed';
