import type { ChirpdError } from '../../pipelines/core/errors.js';
import type { DeviceIdentity } from '../../pipelines/core/signal.js';

/** What a pusher says of its stream; the same on each of its connections. */
export interface PushedStream {
  /** Chosen by the pusher: samples of one id are counted through, whatever connection they come by. */
  readonly id: string;
  readonly channels: readonly { readonly label: string; readonly rangeMicrovolts?: readonly [number, number] }[];
  /** Hz. */
  readonly sampleRate: number;
  /** Unix time of sample 0. */
  readonly startTimeMicros: number;
  /** For people: program, gateway or device. */
  readonly source: string;
  readonly device?: DeviceIdentity;
  /** `shared`: block times are Unix time by a clock kept in step with the daemon's. `own`: by any other. */
  readonly clock: 'own' | 'shared';
}

export interface PushedBlock {
  /** Counted from the stream's sample 0. */
  readonly firstSample: number;
  /** One array per channel of the stream, microvolts, all of one length >= 1. */
  readonly samples: readonly Float32Array[];
  /** The pusher's clock when the last sample was taken. */
  readonly timeMicros?: number;
  /** When the block arrived, Unix microseconds; absent where that says nothing about when it was taken. */
  readonly arrivedMicros?: number;
}

/** A pusher's connection, as its bed sees it. */
export interface Pusher {
  readonly stream: PushedStream;
  /** The oldest sample that it can still send. */
  readonly oldestSample: number;
  /**
   * The bed takes its samples from now on, beginning with this one, or with the oldest if it is gone.
   * @param acknowledged those before this one were taken for good
   */
  ready(nextSample: number, acknowledged: number): void;
  /** All samples before this one were taken for good, or lie in a gap. */
  taken(nextSample: number): void;
  /** After a `push` that said there is no more room: there is again. */
  roomAgain(): void;
  /** The bed wants no more of it, and has forgotten it. */
  dismiss(error: ChirpdError): void;
}

/** The stream of a bed, as its pusher's side sees it. */
export interface PushListener {
  /** Why this bed cannot take a stream; undefined where it can. */
  refusal(stream: PushedStream): ChirpdError | undefined;
  /**
   * A pusher is ready to send `nextSample` and what follows: the first one, or one that resumes.
   * @param isKnown whether the bed took samples of this stream before
   */
  begin(stream: PushedStream, nextSample: number, isKnown: boolean): void;
  /** Something is in the queue, or the stream has ended. */
  wake(): void;
  /** The connection broke. */
  left(): void;
  /** Another stream is waiting: this one ends. */
  superseded(source: string): void;
}
