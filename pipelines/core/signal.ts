/**
 * How the whole numbers of a source's converter become its values: the straight line through two points, in `unit`, as
 * EDF states it. Microvolts are `((n - digital[0]) * gain + physical[0]) * microvoltsPerUnit`, in double precision, rounded
 * once to float32; `gain` is (physical[1] - physical[0]) / (digital[1] - digital[0]).
 */
export interface Digitisation {
  /** Two numbers that the converter gives, the first below the second: its lowest and highest, where they are known. */
  readonly digital: readonly [number, number];
  /** What they stand for. */
  readonly physical: readonly [number, number];
  readonly unit: 'nV' | 'uV' | 'mV' | 'V';
}

/** One digitised signal. Values inside the daemon are microvolts. */
export interface Channel {
  /** Canonical name: a 10-20 electrode (`Fp1`, `T7`), a derivation (`F7-T7`), or the source's own text if it is neither. */
  readonly label: string;
  /** The label as the source wrote it. */
  readonly sourceLabel: string;
  /** Lowest and highest microvolts that the amplifier can give: values at either end are clipped. Absent: not known. */
  readonly rangeMicrovolts?: readonly [number, number];
  /** How its values were made. With it a recording keeps the converter's own numbers. Absent: not known. */
  readonly digitisation?: Digitisation;
}

/** The device itself, as far as it tells: what stays the same when its cable moves to another socket. */
export interface DeviceIdentity {
  readonly model: string;
  readonly serialNumber?: string;
  readonly firmware?: string;
}

/** A signal of the source that is not part of the stream, and why: nothing is left out in silence. */
export interface LeftOutChannel {
  readonly sourceLabel: string;
  readonly reason: string;
}

/** First item of every stream: what the blocks that follow hold. */
export interface StreamInfo {
  readonly type: 'info';
  readonly channels: readonly Channel[];
  readonly leftOut: readonly LeftOutChannel[];
  /** Hz, the same for all channels of the stream; need not be whole. */
  readonly sampleRate: number;
  /** Unix time of sample 0, microseconds (a recording's own start; its local time is read as UTC). */
  readonly startTimeMicros: number;
  /** True where sample 0 follows directly on the last sample that the same source gave before it was opened anew. */
  readonly continuesLast?: boolean;
  /** For people: the device, or the file. */
  readonly source: string;
  readonly device?: DeviceIdentity;
  /** Known length in samples, gaps included; absent for a live device. */
  readonly nSamplesTotal?: number;
  /** True where the signal is made up (demonstration, test). */
  readonly synthetic?: boolean;
}

/**
 * Consecutive samples, channel-major: `samples[channel][i]` in microvolts is sample `firstSample + i` of the stream.
 * `firstSample` is the stream's clock: an integer that rises, never runs backwards, and skips exactly what a `Gap` covers.
 */
export interface SampleBlock {
  readonly type: 'block';
  readonly firstSample: number;
  /** One array per channel of the stream's `StreamInfo`, all of one length >= 1. */
  readonly samples: readonly Float32Array[];
}

/** `restart`: the daemon was not running. */
export type GapReason = 'recording-gap' | 'lost-packets' | 'disconnected' | 'restart' | 'overload';

/** Samples that never came: `nSamples` from `firstSample`. Never zeros, never interpolated. */
export interface Gap {
  readonly type: 'gap';
  readonly firstSample: number;
  readonly nSamples: number;
  readonly reason: GapReason;
}

/** A note in the source (EDF+ annotation): by a person or another program. */
export interface Annotation {
  readonly type: 'annotation';
  readonly onsetSeconds: number;
  readonly durationSeconds: number;
  readonly text: string;
}

/** The signal of a stream: one `StreamInfo`, then blocks, gaps and annotations in the order of time. */
export type StreamItem = StreamInfo | SampleBlock | Gap | Annotation;

/** When a sample was taken, by two clocks: what drift and jitter are estimated from. */
export interface ClockReading {
  readonly type: 'clock';
  /** Of the stream; may lie before what has been emitted, never after its end. */
  readonly sample: number;
  /** The host's clock when the sample came, Unix microseconds; of a device that shares its clock (LSL), when it was taken. */
  readonly hostMicros: number;
  /** The device's own clock at the sample, microseconds from whatever moment it counts. */
  readonly deviceMicros?: number;
}

/** What a device tells of the contact of one electrode. */
export interface ElectrodeContact {
  /** Absent: the device does not say. */
  readonly isOff?: boolean;
  readonly impedanceOhms?: number;
}

/** State of the electrodes as the device measures it; one entry per channel of the stream's `StreamInfo`. */
export interface ElectrodeReading {
  readonly type: 'electrodes';
  readonly sample: number;
  readonly channels: readonly ElectrodeContact[];
}

/**
 * Where the source itself is at a sample, from which it goes on when another process opens it: it gets the newest one
 * back. From there on both count alike.
 */
export interface SourcePosition {
  readonly type: 'position';
  readonly sample: number;
  /** The source's own business: plain data. */
  readonly position: unknown;
}

/** What an adapter emits: the signal, and between its items what the device tells of its clock, electrodes and place. */
export type AdapterItem = StreamItem | ClockReading | ElectrodeReading | SourcePosition;

/** Number of samples in a block. */
export function blockLength(block: SampleBlock): number {
  return block.samples[0]?.length ?? 0;
}

export function isSignal(item: AdapterItem): item is StreamItem {
  return item.type !== 'clock' && item.type !== 'electrodes' && item.type !== 'position';
}
