import { ChirpdError } from '../../pipelines/core/errors.js';
import type { DiskFile } from '../replay/disk-file.js';
import { NUMBER_BYTES, type BinaryData, type BrainVisionHeader } from './header.js';

/** Bytes that are read together, about. */
const READ_BYTES = 512 * 1024;

/** A channel that is streamed. */
export interface DataChannel {
  readonly index: number;
  /** Microvolts of one step of the data. */
  readonly scale: number;
}

/** Samples from `firstPoint` of the data file on, one array per channel. */
export interface Chunk {
  readonly firstPoint: number;
  readonly samples: readonly Float32Array[];
}

export interface BinaryExtent {
  /** Samples of every streamed channel that are there. */
  readonly nPoints: number;
  /** From one channel's first sample to the next one's; vectorized data only. */
  readonly pointsPerChannel: number;
  readonly ending: 'complete' | 'truncated' | 'surplus';
}

/** How much of what the header promises is in the file. */
export function binaryExtent(
  { data, channels, isVectorized, nPoints: stated }: BrainVisionHeader,
  streamed: readonly DataChannel[],
  sizeBytes: number,
): BinaryExtent {
  const bytes = NUMBER_BYTES[(data as BinaryData).format];
  const inFile = Math.floor(sizeBytes / bytes);
  const whole = Math.floor(inFile / channels.length);
  const pointsPerChannel = stated ?? whole;
  const isSurplus = stated !== undefined && whole > stated;
  const isShort = stated === undefined ? sizeBytes % (bytes * channels.length) !== 0 : whole < stated;
  const there = isVectorized
    ? Math.min(...streamed.map(({ index }) => Math.min(pointsPerChannel, inFile - index * pointsPerChannel)))
    : Math.min(pointsPerChannel, whole);
  return {
    nPoints: Math.max(0, there),
    pointsPerChannel,
    ending: isSurplus ? 'surplus' : isShort ? 'truncated' : 'complete',
  };
}

type ReadNumber = (view: DataView, byteOffset: number) => number;

function numberReader({ format, isBigEndian }: BinaryData): ReadNumber {
  const little = !isBigEndian;
  switch (format) {
    case 'INT_16':
      return (view, at) => view.getInt16(at, little);
    case 'UINT_16':
      return (view, at) => view.getUint16(at, little);
    case 'INT_32':
      return (view, at) => view.getInt32(at, little);
    case 'IEEE_FLOAT_32':
      return (view, at) => view.getFloat32(at, little);
    case 'IEEE_FLOAT_64':
      return (view, at) => view.getFloat64(at, little);
  }
}

/**
 * Reads the data of some channels, a few blocks at a time. Vectorized data is read at as many places as there are
 * channels.
 * @throws ChirpdError RECORDING_READ, RECORDING_TRUNCATED (the file became shorter since it was opened)
 */
export async function* readBinary(
  file: DiskFile,
  header: BrainVisionHeader,
  streamed: readonly DataChannel[],
  { nPoints, pointsPerChannel }: BinaryExtent,
  blockSamples: number,
): AsyncGenerator<Chunk, void, void> {
  const data = header.data as BinaryData;
  const bytes = NUMBER_BYTES[data.format];
  const read = numberReader(data);
  const frameBytes = header.isVectorized ? bytes : bytes * header.channels.length;
  const perRead = header.isVectorized ? READ_BYTES / streamed.length : READ_BYTES;
  const chunkPoints = blockSamples * Math.max(1, Math.floor(perRead / frameBytes / blockSamples));
  const buffer = new Uint8Array(Math.min(chunkPoints, nPoints) * frameBytes);
  const view = new DataView(buffer.buffer);
  const fill = async (position: number, n: number): Promise<void> => {
    const wanted = buffer.subarray(0, n * frameBytes);
    if ((await file.read(position, wanted)).length === wanted.length) return;
    const message = `${file.path}: became shorter while it was read. Wait until whatever writes it is done`;
    throw new ChirpdError('RECORDING_TRUNCATED', message);
  };
  for (let firstPoint = 0; firstPoint < nPoints; firstPoint += chunkPoints) {
    const n = Math.min(chunkPoints, nPoints - firstPoint);
    const samples = streamed.map(() => new Float32Array(n));
    if (!header.isVectorized) await fill(firstPoint * frameBytes, n);
    for (const [i, { index, scale }] of streamed.entries()) {
      const values = samples[i] as Float32Array;
      if (header.isVectorized) await fill((index * pointsPerChannel + firstPoint) * bytes, n);
      const first = header.isVectorized ? 0 : index * bytes;
      for (let point = 0; point < n; point++) values[point] = read(view, first + point * frameBytes) * scale;
    }
    yield { firstPoint, samples };
  }
}
