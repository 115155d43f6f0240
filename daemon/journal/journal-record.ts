import type { Annotation, ClockReading, Gap, SampleBlock, StreamInfo } from '../../pipelines/core/signal.js';
import type { SourcePosition } from '../../pipelines/core/signal.js';
import type { ProfileName } from '../../pipelines/core/profile.js';
import type { Checkpoint } from '../../pipelines/items.js';

/** First in each segment: all that one needs to know to read on from there. */
export interface SegmentHead {
  readonly type: 'segment';
  readonly version: 1;
  /** Digest of the source's settings: samples of another source are not gone on from. */
  readonly source: string;
  readonly info: StreamInfo;
  readonly firstSample: number;
  readonly position?: SourcePosition;
  readonly checkpoints: readonly Checkpoint[];
}

/** Items of the source as a journal keeps them. What a device tells of its electrodes is told again soon enough. */
export type JournalItem = SampleBlock | Gap | Annotation | ClockReading;

/** A block, its channels one after the other: (nChannels, nSamples) float32 in bytes. */
interface PackedBlock {
  readonly type: 'block';
  readonly firstSample: number;
  readonly nSamples: number;
  readonly samples: Uint8Array;
  /** When it arrived, Unix milliseconds. */
  readonly arrivedMs: number;
}

/** The stream has ended, and nothing goes on from here: what comes next is another one. */
interface StreamEnd {
  readonly type: 'end';
}

export type JournalRecord =
  SegmentHead | PackedBlock | Exclude<JournalItem, SampleBlock> | SourcePosition | Checkpoint | StreamEnd;

export function packBlock({ firstSample, samples }: SampleBlock, arrivedMs: number): PackedBlock {
  const nSamples = samples[0]?.length ?? 0;
  const all = new Float32Array(samples.length * nSamples);
  for (const [channel, values] of samples.entries()) all.set(values, channel * nSamples);
  return { type: 'block', firstSample, nSamples, samples: new Uint8Array(all.buffer), arrivedMs };
}

export function unpackBlock({ firstSample, nSamples, samples: bytes }: PackedBlock): SampleBlock {
  // A copy, as what MessagePack gives need not be aligned for float32 (and `slice` of a Buffer is none).
  const all = new Float32Array(new Uint8Array(bytes).buffer);
  const nChannels = all.length / nSamples;
  const samples = Array.from({ length: nChannels }, (_, c) => all.subarray(c * nSamples, (c + 1) * nSamples));
  return { type: 'block', firstSample, samples };
}

/** The newest checkpoint of each band profile. */
export type Checkpoints = ReadonlyMap<ProfileName, Checkpoint>;
