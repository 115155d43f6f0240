import { ChirpdError } from '../../pipelines/core/errors.js';
import { ByteReader } from './byte-reader.js';
import { eachChunk, TAG } from './chunks.js';
import { ClockCorrection, clockRanges } from './clock.js';
import { ChunkSamples } from './sample-reader.js';
import { VALUE_BYTES, type XdfStream } from './stream.js';

/** Samples between two jumps of the time stamps, on a straight line in the recorder's time. */
export interface Segment {
  /** Among the samples of the stream, from 0. */
  readonly firstIndex: number;
  readonly nSamples: number;
  /** Recorder's time of its first sample, seconds. */
  readonly startSeconds: number;
  /** From one sample to the next. */
  readonly stepSeconds: number;
}

const MOST_SEGMENTS = 1_000_000;

/** A straight line through points that come one by one, in constant memory. */
class RunningLine {
  n = 0;
  #meanX = 0;
  #meanY = 0;
  #xx = 0;
  #xy = 0;

  add(x: number, y: number): void {
    this.n++;
    const dx = x - this.#meanX;
    this.#meanX += dx / this.n;
    this.#meanY += (y - this.#meanY) / this.n;
    this.#xx += dx * (x - this.#meanX);
    this.#xy += dx * (y - this.#meanY);
  }

  /** @param defaultSlope of a single point */
  at(defaultSlope: number): { readonly atZero: number; readonly slope: number } {
    const slope = this.#xx === 0 ? defaultSlope : this.#xy / this.#xx;
    return { atZero: this.#meanY - slope * this.#meanX, slope };
  }
}

/**
 * Goes through the time stamps of a stream once. Samples without one follow the sample before at the nominal rate.
 * @returns what lies before any damage, and the damage
 * @throws ChirpdError XDF_LIMIT, RECORDING_OPEN, RECORDING_READ
 */
export async function segmentsOf(
  path: string,
  stream: XdfStream,
  gapSeconds: number,
  signal: AbortSignal,
): Promise<{ readonly segments: readonly Segment[]; readonly damage?: ChirpdError }> {
  const correction = new ClockCorrection(clockRanges(stream.clockOffsets));
  const step = 1 / stream.nominalRate;
  const valueBytes = stream.nChannels * VALUE_BYTES[stream.format];
  const segments: Segment[] = [];
  let line = new RunningLine();
  let firstIndex = 0;
  let origin = 0;
  let stamped = -step;
  let previous = NaN;
  let damage: ChirpdError | undefined;
  const finish = (): void => {
    if (line.n === 0) return;
    const { atZero, slope } = line.at(step);
    segments.push({
      firstIndex,
      nSamples: line.n,
      startSeconds: origin + atZero,
      stepSeconds: slope > 0 ? slope : step,
    });
    firstIndex += line.n;
    line = new RunningLine();
    if (segments.length > MOST_SEGMENTS) {
      const message = `${path}: the time stamps of stream "${stream.name}" jump more than ${MOST_SEGMENTS} times. They are damaged`;
      throw new ChirpdError('XDF_LIMIT', message);
    }
  };
  const reader = await ByteReader.open(path, signal);
  try {
    await eachChunk(reader, async (chunk) => {
      if (chunk.tag !== TAG.samples) return true;
      if (!(await reader.need(4))) return false;
      if (reader.uint32() !== stream.id) return true;
      const read = await new ChunkSamples(reader, chunk, stream).read(Infinity, (stamp) => {
        reader.take(valueBytes);
        stamped = stamp !== undefined && Number.isFinite(stamp) ? stamp : stamped + step;
        const seconds = correction.correct(stamped);
        if (line.n > 0 && Math.abs(seconds - previous) > gapSeconds) finish();
        if (line.n === 0) origin = seconds;
        line.add(line.n, seconds - origin);
        previous = seconds;
      });
      return read === 'done';
    });
  } catch (error) {
    if (!(error instanceof ChirpdError) || error.code !== 'XDF_DAMAGED') throw error;
    damage = error;
  } finally {
    await reader.close();
  }
  finish();
  return { segments, ...(damage === undefined ? {} : { damage }) };
}
