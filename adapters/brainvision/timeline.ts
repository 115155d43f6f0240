import { ChirpdError } from '../../pipelines/core/errors.js';
import { NEW_SEGMENT, type Marker } from './markers.js';

/** Consecutive samples of the data file that were taken without a break. */
export interface Piece {
  /** Sample of the data file. */
  readonly firstPoint: number;
  /** The same sample on the stream's clock. */
  readonly firstSample: number;
  /** Missing samples before it. */
  readonly gapSamples: number;
}

/** Segments that begin later than expected by less follow without a gap: the amplifier's clock is not the computer's. */
const FORWARD_SECONDS = 0.001;
const BACKWARD_SECONDS = 0.01;
const CLOCK_DRIFT = 2e-4;
/** Nobody pauses for longer: a date beyond is nonsense. */
const LONGEST_SECONDS = 100 * 366 * 86400;

export interface Timeline {
  readonly pieces: readonly Piece[];
  /** Unix microseconds of the first sample, where a segment has a date. */
  readonly startMicros?: number;
  /** A segment that begins before the one before it has ended: the stream ends there. */
  readonly breach?: { readonly point: number; readonly error: ChirpdError };
}

/**
 * Where the samples of a file lie in time. Recorders write a `New Segment` with its date when recording begins and after
 * each pause; how long a pause without a date was is not known, and no gap is made up for it.
 */
export function timelineOf(markers: readonly Marker[], sampleRate: number, path: string): Timeline {
  const pieces: Piece[] = [{ firstPoint: 0, firstSample: 0, gapSamples: 0 }];
  let startMicros: number | undefined;
  let anchor: { readonly point: number; readonly micros: number } | undefined;
  let shift = 0;
  for (const { type, point, timeMicros } of markers) {
    if (type !== NEW_SEGMENT || timeMicros === undefined) continue;
    // A position that far out is damaged.
    if (anchor === undefined && point / sampleRate > LONGEST_SECONDS) continue;
    if (anchor === undefined) {
      startMicros = timeMicros - Math.round((point / sampleRate) * 1e6);
    } else {
      const lengthSeconds = (point - anchor.point) / sampleRate;
      const late = (timeMicros - anchor.micros) / 1e6 - lengthSeconds;
      if (Math.abs(late) > LONGEST_SECONDS) continue;
      if (late < -(BACKWARD_SECONDS + 0.5 / sampleRate + CLOCK_DRIFT * lengthSeconds)) {
        const message = `${path}: the segment at data point ${point + 1} begins ${(-late).toFixed(3)} s before the one before it has ended. Segments overlap or are out of order; what lies before was read`;
        return {
          pieces,
          startMicros: startMicros ?? 0,
          breach: { point, error: new ChirpdError('BRAINVISION_SEGMENT_ORDER', message) },
        };
      }
      const gapSamples =
        late > Math.max(FORWARD_SECONDS, 0.5 / sampleRate) ? Math.max(1, Math.round(late * sampleRate)) : 0;
      if (gapSamples > 0) {
        shift += gapSamples;
        pieces.push({ firstPoint: point, firstSample: point + shift, gapSamples });
      }
    }
    anchor = { point, micros: timeMicros };
  }
  return { pieces, ...(startMicros === undefined ? {} : { startMicros }) };
}

/** The stream's sample of a sample of the data file. */
export function sampleOfPoint(pieces: readonly Piece[], point: number): number {
  const piece = pieces.findLast(({ firstPoint }) => firstPoint <= point);
  return piece === undefined ? point : piece.firstSample + point - piece.firstPoint;
}
