import type { TimelineLayout } from './bedTimelineLayout.js';
import type { BoardSettings } from './boardSettings.js';
import { drawArray, drawArrayAxis } from './drawArray.js';
import { drawAddedLane, drawAddedMarks } from './drawAddedMarks.js';
import { drawChirpMarks } from './drawChirpMarks.js';
import { drawAlarmLane, drawChirpLane, drawLaneName, drawUnread } from './drawMarkLanes.js';
import { drawTimeAxis } from './drawTimeAxis.js';
import { drawTrend, type TimelineStyle } from './drawTrend.js';
import type { HoursView } from './hoursView.js';
import { coverageOfBoth, missingSpans } from './missingSpans.js';
import type { TrendLine, TrendRow } from './trendRows.js';
import { timelineWords } from './wordsTimeline.js';

/** Draws a bed's last hours: everything but the cursor. */
export function drawTimeline(
  context: CanvasRenderingContext2D,
  layout: TimelineLayout,
  view: HoursView,
  linesOf: (row: TrendRow) => readonly TrendLine[],
  settings: BoardSettings,
  style: TimelineStyle,
): void {
  const { bed, columns, reach, clockMicros, edgeMicros } = view;
  const { arrays } = layout;
  const { width, height } = context.canvas;
  const chosenId = settings.chosen?.bed === bed.name ? settings.chosen.id : undefined;
  const chirps = view.chirps();
  const added = view.added();
  const words = timelineWords();
  context.clearRect(0, 0, width, height);
  for (const band of arrays.bands) {
    drawArray(context, arrays, band, columns, view.image(band.side), reach);
    if (columns !== undefined && settings.chirpsShown) {
      drawChirpMarks(context, arrays, band, chirps, { chosenId, clockMicros });
      drawAddedMarks(context, arrays, band, added, chosenId);
    }
    drawArrayAxis(context, arrays, band, style);
  }
  drawLaneName(context, arrays, layout.chirps, words.chirps, style);
  drawChirpLane(context, arrays, layout.chirps, chirps, chosenId, style);
  drawAddedLane(context, arrays, layout.chirps, added, chosenId, style);
  drawLaneName(context, arrays, layout.alarms, words.alarms, style);
  drawAlarmLane(context, arrays, layout.alarms, view.marks.alarms.values(), style);
  const marksFrom = view.marksFromMicros ?? edgeMicros;
  for (const lane of [layout.chirps, layout.alarms])
    drawUnread(context, arrays, lane, marksFrom, words.marksLoading, style);
  const missing = columns === undefined ? [] : missingSpans(columns, coverageOfBoth(columns), reach);
  for (const lane of layout.trends) {
    const data = columns && { columns, missing, lines: linesOf(lane.row) };
    drawTrend(context, arrays, lane, data, style);
  }
  if (edgeMicros > 0) drawTimeAxis(context, arrays, layout.bottom, style);
}
