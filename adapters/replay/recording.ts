import type { Annotation, Gap, StreamInfo } from '../../pipelines/core/signal.js';

/** Consecutive samples of a recording, decoded block by block. Valid until the next segment is asked for. */
export interface SampleRun {
  readonly type: 'run';
  readonly firstSample: number;
  readonly nSamples: number;
  /** Microvolts of `nSamples` samples of every channel, from sample `from` of the run on: fresh arrays. */
  decode(from: number, nSamples: number): readonly Float32Array[];
}

export type RecordingSegment = SampleRun | Gap | Annotation;

/** An open recording of any format, as `replay` needs it. */
export interface Recording {
  /** First item of the stream. */
  readonly info: StreamInfo;
  /**
   * From the first sample to the last, on the sample clock: each run and gap begins where the one before it ended.
   * Annotations come before or after the samples that they belong to, as the file has them.
   * @throws ChirpdError after everything that lies before the damage
   */
  segments(): AsyncGenerator<RecordingSegment, void, void>;
  /** @throws ChirpdError what is wrong with the end of a file of which everything that can be read has been emitted */
  checkEnding?(): void;
  close(): Promise<void>;
}
