import type { Side } from './historyColumns.js';

/** Where one side's picture lies on a canvas, pixels. */
export interface ArrayBand {
  readonly side: Side;
  readonly top: number;
  readonly bottom: number;
}

/** A time axis on a canvas: pixels, and Unix microseconds at its ends. */
export interface TimeSpan {
  readonly left: number;
  readonly right: number;
  readonly fontPx: number;
  readonly firstMicros: number;
  readonly lastMicros: number;
}

export interface ArrayGeometry extends TimeSpan {
  /** From above: left over right. */
  readonly bands: readonly ArrayBand[];
  /** Where the time axis stands. */
  readonly bottom: number;
  /** At the top of each band; its lowest row is centred on 0 Hz. */
  readonly highHz: number;
  readonly lowHz: number;
}

export interface ArraySize {
  readonly width: number;
  /** From the top of the first band to below the time axis. */
  readonly height: number;
  readonly fontPx: number;
  /** Room for the frequencies left of the bands. Default: 2.1 letters. */
  readonly left?: number;
}

const N_ROWS = 128;

/** @param sides those that the bed has derivations of @param rowHz height of a row of the spectrum */
export function arrayGeometry(
  { width, height, fontPx, left = Math.round(2.1 * fontPx) }: ArraySize,
  sides: readonly Side[],
  { firstMicros, lastMicros }: Pick<TimeSpan, 'firstMicros' | 'lastMicros'>,
  rowHz: number,
): ArrayGeometry {
  const top = Math.round(0.3 * fontPx);
  const bottom = height - Math.round(1.5 * fontPx);
  const gap = Math.round(0.25 * fontPx);
  const each = (bottom - top - gap * (sides.length - 1)) / Math.max(1, sides.length);
  const bands = sides.map((side, i) => {
    const from = top + i * (each + gap);
    return { side, top: Math.round(from), bottom: Math.round(from + each) };
  });
  return {
    left,
    right: width - Math.round(0.3 * fontPx),
    bottom,
    bands,
    fontPx,
    firstMicros,
    lastMicros,
    lowHz: -rowHz / 2,
    highHz: (N_ROWS - 0.5) * rowHz,
  };
}

export function xOfMicros(span: TimeSpan, micros: number): number {
  const u = (micros - span.firstMicros) / (span.lastMicros - span.firstMicros);
  return span.left + u * (span.right - span.left);
}

export function microsOfX(span: TimeSpan, x: number): number {
  const u = (x - span.left) / Math.max(1, span.right - span.left);
  return span.firstMicros + u * (span.lastMicros - span.firstMicros);
}

export function yOfHz(geometry: Pick<ArrayGeometry, 'lowHz' | 'highHz'>, band: ArrayBand, hz: number): number {
  const v = (hz - geometry.lowHz) / (geometry.highHz - geometry.lowHz);
  return band.bottom - v * (band.bottom - band.top);
}
