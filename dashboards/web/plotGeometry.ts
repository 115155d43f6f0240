import { ROWS } from './columnRing.js';

/** Where things are on a tile's canvas, in CSS pixels, and how time and frequency map to it. */
export interface PlotGeometry {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly fontPx: number;
  /** Stream seconds at the left and right edges. */
  readonly firstSeconds: number;
  readonly lastSeconds: number;
  /** Edges of the lowest and the highest row. */
  readonly lowHz: number;
  readonly highHz: number;
}

export interface PlotSize {
  readonly width: number;
  readonly height: number;
  readonly fontPx: number;
}

/** @param rowHz height of one row; row `r` is centred on `r * rowHz` */
export function plotGeometry(size: PlotSize, lastSeconds: number, windowSeconds: number, rowHz: number): PlotGeometry {
  const { width, height, fontPx } = size;
  return {
    left: Math.round(2.1 * fontPx),
    top: Math.round(0.3 * fontPx),
    right: width - Math.round(0.3 * fontPx),
    bottom: height - Math.round(1.5 * fontPx),
    fontPx,
    firstSeconds: lastSeconds - windowSeconds,
    lastSeconds,
    lowHz: -rowHz / 2,
    highHz: (ROWS - 0.5) * rowHz,
  };
}

export function xOf(plot: PlotGeometry, seconds: number): number {
  const u = (seconds - plot.firstSeconds) / (plot.lastSeconds - plot.firstSeconds);
  return plot.left + u * (plot.right - plot.left);
}

export function secondsAt(plot: PlotGeometry, x: number): number {
  const u = (x - plot.left) / (plot.right - plot.left);
  return plot.firstSeconds + u * (plot.lastSeconds - plot.firstSeconds);
}

export function yOf(plot: PlotGeometry, frequencyHz: number): number {
  const v = (frequencyHz - plot.lowHz) / (plot.highHz - plot.lowHz);
  return plot.bottom - v * (plot.bottom - plot.top);
}

export function hzOf(plot: PlotGeometry, y: number): number {
  const v = (plot.bottom - y) / (plot.bottom - plot.top);
  return plot.lowHz + v * (plot.highHz - plot.lowHz);
}
