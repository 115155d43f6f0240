/**
 * What the daemon and its inference process say to each other (structured clone over the child's IPC channel). Canvases go
 * beside it: `canvas-channel.ts`.
 */

/** The adapters that runs choose from: rows of `values`, shape (nAdapters, its length / nAdapters). */
export interface StackMessage {
  readonly type: 'stack';
  readonly nAdapters: number;
  readonly values: Float32Array;
}

export interface LoadRequest {
  readonly type: 'load';
  readonly modelPath: string;
  /** Of that file, hexadecimal: another one is refused. */
  readonly sha256: string;
  readonly providers: readonly string[];
  /** Why others of the list are not tried any more. */
  readonly passedOver: readonly string[];
  readonly threads: number;
  /** Canvases of the largest batch. */
  readonly maxBatch: number;
  /** The adapters as released: those of the golden outputs. */
  readonly stack: StackMessage;
  readonly golden: {
    readonly path: string;
    readonly canvases: number;
    /** A row of the stack for each canvas. */
    readonly adapters: readonly number[];
    readonly tolerance: number;
    /** Numbers of a slot. */
    readonly nFields: number;
    /** Slots fainter than this need not be met: other arithmetic may order them otherwise. */
    readonly faintest: number;
  };
}

export interface RunRequest {
  readonly type: 'run';
  readonly id: number;
  readonly n: number;
  /** Row of the newest stack sent, one per canvas. */
  readonly adapters: readonly number[];
}

/** A request whose canvases are here. */
export interface Run extends RunRequest {
  /** Shape (n, 128, 128). */
  readonly canvases: Float32Array;
}

export type InferenceRequest = LoadRequest | StackMessage | RunRequest;

/** It begins to load the model with this provider; if it ends now, that is why. */
export interface TryingReply {
  readonly type: 'trying';
  readonly provider: string;
}

interface ProviderInUse {
  readonly provider: string;
  /** Why providers before it were passed over. */
  readonly passedOver: readonly string[];
  /** Until it was ready: loaded, checked, and on a GPU warmed up. */
  readonly milliseconds: number;
}

export interface LoadedReply extends ProviderInUse {
  readonly type: 'loaded';
}

/** The provider that ran the model has failed, and another one took over; what is on its way is answered by it. */
export interface MovedReply extends ProviderInUse {
  readonly type: 'moved';
}

export interface RanReply {
  readonly type: 'ran';
  readonly id: number;
  /** Shape (n, slots, fields). */
  readonly slots: Float32Array;
  readonly milliseconds: number;
}

export interface FailedReply {
  readonly type: 'failed';
  /** The run that failed; absent if it was the load. */
  readonly id?: number;
  readonly message: string;
}

/** The reply of the thread that runs the model, with the canvases that it has no more use for. */
export interface ThreadReply {
  readonly reply: InferenceReply;
  readonly canvases?: Float32Array;
}

export type InferenceReply = TryingReply | LoadedReply | MovedReply | RanReply | FailedReply;
