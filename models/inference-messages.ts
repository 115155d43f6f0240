/** What the daemon and its inference process say to each other (structured clone over the child's IPC channel). */

export interface LoadRequest {
  readonly type: 'load';
  readonly modelPath: string;
  readonly providers: readonly string[];
  readonly threads: number;
  readonly golden: {
    readonly path: string;
    readonly canvases: number;
    readonly adapters: readonly number[];
    readonly tolerance: number;
  };
}

export interface RunRequest {
  readonly type: 'run';
  readonly id: number;
  readonly n: number;
  /** Shape (n, 128, 128). */
  readonly canvases: Float32Array;
  /** Index into the graph's adapter stack, one per canvas. */
  readonly adapters: readonly number[];
}

export type InferenceRequest = LoadRequest | RunRequest;

export interface LoadedReply {
  readonly type: 'loaded';
  readonly provider: string;
  /** Why providers before it were passed over. */
  readonly passedOver: readonly string[];
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

export type InferenceReply = LoadedReply | RanReply | FailedReply;
