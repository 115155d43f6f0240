import type { AlarmPriority } from '../../daemon/protocol/messages.js';
import { xOfMicros, type TimeSpan } from './arrayGeometry.js';
import { PRIORITIES, SHAPES } from './alarmState.js';
import type { AlarmMark, ChirpMark } from './bedMarks.js';
import type { Lane } from './bedTimelineLayout.js';
import type { TimelineStyle } from './drawTrend.js';

/** As the alarms themselves, and dark signs on what is light. */
const ALARM_COLOURS: Readonly<Record<AlarmPriority, readonly [fill: string, ink: string]>> = {
  high: ['#d42020', '#ffffff'],
  medium: ['#ffd13b', '#2a2000'],
  low: ['#7fdcf0', '#10252b'],
};
const LEAST_PX = 3;

/** Draws when there were chirps, as bars from onset to offset: on the pictures above they are marks among many colours. */
export function drawChirpLane(
  context: CanvasRenderingContext2D,
  span: TimeSpan,
  lane: Lane,
  chirps: readonly ChirpMark[],
  chosenId: string | undefined,
  style: TimelineStyle,
): void {
  begin(context, span, lane, style);
  for (const { id, onsetMicros, offsetMicros } of chirps) {
    const from = xOfMicros(span, onsetMicros);
    const width = Math.max(LEAST_PX / 2, xOfMicros(span, offsetMicros) - from);
    context.fillStyle = id === chosenId ? '#d9541e' : style.ink;
    context.fillRect(
      from,
      lane.top + 1,
      id === chosenId ? Math.max(LEAST_PX, width) : width,
      lane.bottom - lane.top - 2,
    );
  }
  context.restore();
}

/** Draws the alarms as bars with the sign of their priority, the most urgent above. */
export function drawAlarmLane(
  context: CanvasRenderingContext2D,
  span: TimeSpan,
  lane: Lane,
  alarms: Iterable<AlarmMark>,
  style: TimelineStyle,
): void {
  begin(context, span, lane, style);
  const height = lane.bottom - lane.top;
  context.font = `${String(0.8 * height)}px ${style.fontFamily}`;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  const shown = [...alarms].sort((a, b) => PRIORITIES.indexOf(b.priority) - PRIORITIES.indexOf(a.priority));
  for (const { priority, fromMicros, toMicros } of shown) {
    const from = xOfMicros(span, fromMicros);
    const to = Math.max(from + LEAST_PX, xOfMicros(span, toMicros ?? span.lastMicros));
    if (to < span.left || from > span.right) continue;
    const [fill, ink] = ALARM_COLOURS[priority];
    context.fillStyle = fill;
    context.fillRect(from, lane.top, to - from, height);
    context.strokeStyle = style.ink;
    context.lineWidth = 1;
    context.strokeRect(from + 0.5, lane.top + 0.5, to - from - 1, height - 1);
    const at = Math.max(from, span.left);
    if (to - at < height) continue;
    context.fillStyle = ink;
    context.fillText(SHAPES[priority], at + 2, (lane.top + lane.bottom) / 2);
  }
  context.restore();
}

/** What stands left of a lane. */
export function drawLaneName(
  context: CanvasRenderingContext2D,
  { left, fontPx }: TimeSpan,
  { top, bottom }: Lane,
  name: string,
  style: TimelineStyle,
): void {
  context.font = `${String(0.85 * fontPx)}px ${style.fontFamily}`;
  context.fillStyle = style.muted;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.fillText(name, left - 5, (top + bottom) / 2);
}

/** Says up to which time the marks of a lane have not been read yet: nobody is to take that for none. */
export function drawUnread(
  context: CanvasRenderingContext2D,
  span: TimeSpan,
  lane: Lane,
  fromMicros: number,
  text: string,
  style: TimelineStyle,
): void {
  const to = Math.min(span.right, xOfMicros(span, fromMicros));
  if (to <= span.left + 1) return;
  begin(context, span, lane, style);
  context.fillStyle = style.line;
  context.fillRect(span.left, lane.top, to - span.left, lane.bottom - lane.top);
  context.font = `${String(0.85 * span.fontPx)}px ${style.fontFamily}`;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillStyle = style.ink;
  context.fillText(text, span.left + 0.4 * span.fontPx, (lane.top + lane.bottom) / 2);
  context.restore();
}

function begin(
  context: CanvasRenderingContext2D,
  { left, right }: TimeSpan,
  { top, bottom }: Lane,
  style: TimelineStyle,
): void {
  context.save();
  context.strokeStyle = style.line;
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, top + 0.5, right - left - 1, bottom - top - 1);
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
}
