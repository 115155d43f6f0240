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

/** The network that looks first, and what it must give. */
export interface ScreenFile {
  readonly path: string;
  /** Hexadecimal. */
  readonly sha256: string;
  /** Logit below which the model need not see a canvas, for each of its outputs. */
  readonly thresholds: readonly number[];
  /** Shape (golden canvases, outputs). */
  readonly golden: readonly number[];
}

export interface LoadRequest {
  readonly type: 'load';
  readonly modelPath: string;
  /** Of that file, hexadecimal: another one is refused. */
  readonly sha256: string;
  readonly providers: readonly string[];
  readonly threads: number;
  /** Left out: every canvas is seen. */
  readonly screen?: ScreenFile | undefined;
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
  /** For each the output of the screen that knows its adapter, -1 for none. */
  readonly screens: readonly number[];
}

/** A request whose canvases are here. */
export interface Run extends RunRequest {
  /** Shape (n, 128, 128). */
  readonly canvases: Float32Array;
}

export type InferenceRequest = LoadRequest | StackMessage | RunRequest;

export interface LoadedReply {
  readonly type: 'loaded';
  readonly provider: string;
  /** Why providers before it were passed over. */
  readonly passedOver: readonly string[];
}

export interface RanReply {
  readonly type: 'ran';
  readonly id: number;
  /** Shape (n, slots, fields); all zero where the screen saw nothing. */
  readonly slots: Float32Array;
  /** How many the model saw. */
  readonly nSeen: number;
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

export type InferenceReply = LoadedReply | RanReply | FailedReply;
