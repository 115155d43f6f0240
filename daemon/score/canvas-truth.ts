import { numberCell, parseTable } from './table-text.js';

/** Of the published benchmark's canvases: 0-60 s by 0-100 Hz. */
export const CANVAS_SECONDS = 60;
export const CANVAS_HERTZ = 100;

/** The three numbers that the published benchmark asks of a canvas. */
export interface CanvasTruth {
  readonly startTimeSeconds: number;
  readonly startFrequencyHz: number;
  readonly endFrequencyHz: number;
}

/** The columns of a file of labels or predictions. */
export const TRUTH_COLUMNS = ['start_time_s', 'start_frequency_hz', 'end_frequency_hz'] as const;

/** One row for each canvas. @throws ChirpdError SCORE_TABLE */
export function parseCanvasTruth(text: string, path: string): readonly CanvasTruth[] {
  const table = parseTable(text, path, ',', TRUTH_COLUMNS);
  return table.rows.map((row) => ({
    startTimeSeconds: numberCell(table, row, 'start_time_s'),
    startFrequencyHz: numberCell(table, row, 'start_frequency_hz'),
    endFrequencyHz: numberCell(table, row, 'end_frequency_hz'),
  }));
}

/** One row for each canvas: the three numbers, and how sure the model is that there is a chirp. */
export function formatPredictions(predictions: readonly (CanvasTruth & { readonly presence: number })[]): string {
  const rows = predictions.map(({ startTimeSeconds, startFrequencyHz, endFrequencyHz, presence }) =>
    [startTimeSeconds, startFrequencyHz, endFrequencyHz, presence].map((value) => value.toFixed(4)).join(','),
  );
  return [[...TRUTH_COLUMNS, 'presence'].join(','), ...rows, ''].join('\n');
}
