import { yOfHz } from './arrayGeometry.js';
import { addedText } from './drawAdded.js';
import { SHAPES } from './alarmState.js';
import { alarmText } from './alarmText.js';
import type { TimelineLayout } from './bedTimelineLayout.js';
import { ROWS } from './columnRing.js';
import type { HistoryColumns } from './historyColumns.js';
import type { HoursView } from './hoursView.js';
import { numberText } from './language.js';
import { firstColumn } from './missingSpans.js';
import { clockText, dateText } from './timeText.js';
import type { TrendLine, TrendRow } from './trendRows.js';
import { decibelsText } from './wordsArrays.js';
import { timelineWords } from './wordsTimeline.js';

/** A text beside a lane of the layout. */
export interface LaneText {
  readonly top: number;
  readonly text: string;
}

/** What lies under the cursor. */
export interface TimelineValues {
  /** When, and what the timeline has there. */
  readonly head: string;
  /** Beside the pictures and trends, from above. */
  readonly lanes: readonly LaneText[];
}

/** @param y of the pointer, in the layout's pixels; undefined: no frequency is pointed at */
export function valuesAt(
  view: HoursView,
  layout: TimelineLayout,
  linesOf: (row: TrendRow) => readonly TrendLine[],
  timeMicros: number,
  y: number | undefined,
  utc: boolean,
): TimelineValues {
  const { columns } = view;
  const column = columns?.columnAt(timeMicros) ?? -1;
  const head = [whenText(columns, column, timeMicros, utc), ...marksText(view, timeMicros)];
  if (columns === undefined || column < 0 || column >= columns.nColumns) return { head: head.join(' · '), lanes: [] };
  const { left, right } = columns.sides;
  if (left.coverage[column] === 0 && right.coverage[column] === 0) {
    head.push(column < firstColumn(columns) ? timelineWords().notWatched : timelineWords().noData);
  }
  const lanes = layout.trends.map(({ row, top }) => ({ top, text: rowText(row, linesOf(row), column) }));
  return { head: head.join(' · '), lanes: [...levelTexts(columns, layout, column, y), ...lanes] };
}

function whenText(columns: HistoryColumns | undefined, column: number, timeMicros: number, utc: boolean): string {
  const ms = timeMicros / 1000;
  const inside = columns !== undefined && column >= 0 && column < columns.nColumns;
  const when = `${dateText(ms, utc)} ${clockText(ms, utc)}${utc ? ' UTC' : ''}`;
  if (!inside) return when;
  const words = timelineWords();
  return `${when}, ${words.averages(words.seconds(columns.columnSeconds))}`;
}

function marksText(view: HoursView, timeMicros: number): string[] {
  const { marks, columns, clockMicros } = view;
  const half = ((columns?.columnSeconds ?? 10) * 1e6) / 2;
  const nChirps = marks.chirpsIn(timeMicros - half, timeMicros + half, clockMicros).length;
  const texts = nChirps === 0 ? [] : [timelineWords().nChirps(nChirps)];
  for (const label of view.added()) {
    const isHere = label.onsetTimeMicros <= timeMicros + half && label.offsetTimeMicros >= timeMicros - half;
    if (isHere) texts.push(addedText(label));
  }
  for (const alarm of marks.alarms.values()) {
    if (alarm.fromMicros > timeMicros + half || (alarm.toMicros ?? Infinity) < timeMicros - half) continue;
    texts.push(`${SHAPES[alarm.priority]} ${alarmText(alarm)}`);
  }
  return texts;
}

/** The levels of both sides at the frequency that the pointer is at. */
function levelTexts(
  columns: HistoryColumns,
  layout: TimelineLayout,
  column: number,
  y: number | undefined,
): LaneText[] {
  const { bands, highHz, lowHz } = layout.arrays;
  const pointed = bands.find(({ top, bottom }) => y !== undefined && y >= top && y < bottom);
  if (pointed === undefined || y === undefined || !(columns.rowHz > 0)) return [];
  const hz = lowHz + ((pointed.bottom - y) / (pointed.bottom - pointed.top)) * (highHz - lowHz);
  const row = Math.min(ROWS - 1, Math.max(0, Math.round(hz / columns.rowHz)));
  return bands.flatMap((band) => {
    const { coverage, levels } = columns.sides[band.side];
    if (coverage[column] === 0) return [];
    const decibels = decibelsText((levels[column * ROWS + row] ?? 0) / 2 - 60, 1);
    const at = Math.round(yOfHz(layout.arrays, band, row * columns.rowHz));
    const text = `${numberText(row * columns.rowHz, 1)} Hz: ${decibels} dB`;
    return [{ top: Math.min(band.bottom, Math.max(band.top, at)), text }];
  });
}

function rowText(row: TrendRow, lines: readonly TrendLine[], column: number): string {
  const words = timelineWords();
  const number = (value: number): string => decibelsText(value, row.nDigits);
  const texts = lines.flatMap(({ side, values, upper }) => {
    const value = values[column] ?? NaN;
    if (Number.isNaN(value)) return [];
    const high = upper?.[column] ?? NaN;
    const text = Number.isNaN(high) ? number(value) : `${number(value)}–${number(high)}`;
    return [`${words[side]} ${text}`.trim()];
  });
  return texts.length === 0 ? words.noData : `${texts.join(' · ')} ${row.unit}`;
}
