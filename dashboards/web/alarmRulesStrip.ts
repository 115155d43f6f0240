import { pixelRatio } from './canvasSize.js';
import type { AlarmPreview, PreviewedAlarm, PreviewedStretch } from '../../daemon/protocol/alarm-rules.js';
import { element } from './element.js';
import { offsetMs } from './unitZone.js';

const HOUR_MS = 3_600_000;
/** Hours between two lines, by what there is room for. */
const HOUR_STEPS = [1, 2, 3, 6, 12] as const;
const MIN_LABEL_PX = 56;
/** A short alarm is still to be seen. */
const MIN_MARK_PX = 2;
/** Of a lane, by priority: what is told by colour is told by height, too. */
const HEIGHTS = { high: 1, medium: 0.66, low: 0.36 } as const;

interface Colours {
  readonly ink: string;
  readonly line: string;
  readonly chirp: string;
  readonly page: string;
  readonly alarms: Readonly<Record<PreviewedAlarm['priority'], string>>;
}

/** 24 hours on a strip: chirps, the alarms of rules that are being written, and those of the rules in force. */
export class AlarmRulesStrip {
  readonly canvas = element('canvas', 'rules-strip');
  readonly #resized = new ResizeObserver(() => {
    this.draw();
  });
  #preview: AlarmPreview | undefined;
  #hourText: (unixMs: number) => string = () => '';
  #utc = false;
  #lanes: readonly string[] = [];

  constructor() {
    this.canvas.setAttribute('role', 'img');
    this.#resized.observe(this.canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.draw();
    });
  }

  /**
   * @param lanes what they are called, from the top
   * @param hourText of a full hour
   * @param utc whether hours are full by it, or by this place's time
   */
  show(preview: AlarmPreview, lanes: readonly string[], hourText: (unixMs: number) => string, utc: boolean): void {
    this.#preview = preview;
    this.#lanes = lanes;
    this.#hourText = hourText;
    this.#utc = utc;
    this.draw();
  }

  draw(): void {
    const { canvas } = this;
    const ratio = pixelRatio();
    const { clientWidth, clientHeight } = canvas;
    if (clientWidth === 0) return;
    canvas.width = Math.round(clientWidth * ratio);
    canvas.height = Math.round(clientHeight * ratio);
    const context = canvas.getContext('2d');
    if (context === null || this.#preview === undefined) return;
    context.scale(ratio, ratio);
    this.#paint(context, clientWidth, clientHeight, this.#preview);
  }

  #paint(context: CanvasRenderingContext2D, width: number, height: number, preview: AlarmPreview): void {
    const { fromTimeMicros, toTimeMicros, alarms, chirps = [], gaps = [], inForce } = preview;
    const colours = coloursOf(this.canvas);
    const fontPx = parseFloat(getComputedStyle(this.canvas).fontSize);
    const x = (micros: number): number => ((micros - fromTimeMicros) / (toTimeMicros - fromTimeMicros)) * width;
    const axis = height - 1.5 * fontPx;
    const lane = axis / 3;
    this.#hours(context, { x, width, axis, fontPx, colours }, preview);
    hatch(context, gaps, x, width, axis, colours.ink);
    context.fillStyle = colours.chirp;
    for (const chirp of chirps) {
      const tall = lane * (0.25 + 0.6 * chirp.score);
      mark(context, chirp, x, width, lane - tall, tall);
    }
    [alarms, inForce?.alarms ?? []].forEach((list, i) => {
      // The more urgent lie in front, and are taller.
      for (const alarm of [...list].sort((a, b) => HEIGHTS[a.priority] - HEIGHTS[b.priority])) {
        const tall = lane * 0.8 * HEIGHTS[alarm.priority];
        context.fillStyle = colours.alarms[alarm.priority];
        mark(context, alarm, x, width, lane * (i + 2) - tall, tall, colours.ink);
      }
    });
    context.fillStyle = colours.line;
    for (const i of [1, 2, 3]) context.fillRect(0, Math.round(lane * i), width, 1);
    context.textAlign = 'left';
    this.#lanes.forEach((text, i) => {
      context.fillStyle = colours.page;
      context.globalAlpha = 0.8;
      context.fillRect(0, lane * i + 1, context.measureText(text).width + 0.6 * fontPx, 1.3 * fontPx);
      context.globalAlpha = 1;
      context.fillStyle = colours.ink;
      context.fillText(text, 0.3 * fontPx, lane * i + 1.1 * fontPx);
    });
  }

  #hours(
    context: CanvasRenderingContext2D,
    { x, width, axis, fontPx, colours }: Axis,
    { fromTimeMicros, toTimeMicros }: AlarmPreview,
  ): void {
    const [fromMs, toMs] = [fromTimeMicros / 1000, toTimeMicros / 1000];
    const pxPerHour = (width * HOUR_MS) / (toMs - fromMs);
    const step = HOUR_STEPS.find((hours) => hours * pxPerHour >= MIN_LABEL_PX) ?? 24;
    // Full hours of the place may lie half an hour beside those of UTC.
    const shiftMs = this.#utc ? 0 : offsetMs(toMs);
    context.font = `${String(fontPx)}px ${getComputedStyle(this.canvas).fontFamily}`;
    context.textAlign = 'center';
    const stepMs = step * HOUR_MS;
    for (let ms = Math.ceil((fromMs + shiftMs) / stepMs) * stepMs - shiftMs; ms <= toMs; ms += stepMs) {
      const at = x(1000 * ms);
      context.fillStyle = colours.line;
      context.fillRect(Math.round(at), 0, 1, axis);
      context.fillStyle = colours.ink;
      const text = this.#hourText(ms);
      const half = context.measureText(text).width / 2;
      if (at >= half && at <= width - half) context.fillText(text, at, axis + 1.15 * fontPx);
    }
  }
}

interface Axis {
  readonly x: (micros: number) => number;
  readonly width: number;
  readonly axis: number;
  readonly fontPx: number;
  readonly colours: Colours;
}

function mark(
  context: CanvasRenderingContext2D,
  { onsetTimeMicros, offsetTimeMicros }: PreviewedStretch,
  x: (micros: number) => number,
  width: number,
  top: number,
  tall: number,
  edge?: string,
): void {
  const long = Math.max(MIN_MARK_PX, x(offsetTimeMicros) - x(onsetTimeMicros));
  const from = Math.min(x(onsetTimeMicros), width - MIN_MARK_PX);
  context.fillRect(from, top, long, tall);
  if (edge === undefined) return;
  const { fillStyle } = context;
  context.fillStyle = edge;
  context.fillRect(from, top, long, 1);
  context.fillStyle = fillStyle;
}

function hatch(
  context: CanvasRenderingContext2D,
  gaps: readonly PreviewedStretch[],
  x: (micros: number) => number,
  width: number,
  axis: number,
  ink: string,
): void {
  context.save();
  context.beginPath();
  for (const gap of gaps) {
    const from = Math.max(0, x(gap.onsetTimeMicros));
    context.rect(from, 0, Math.max(1, x(gap.offsetTimeMicros) - from), axis);
  }
  context.clip();
  context.globalAlpha = 0.45;
  context.strokeStyle = ink;
  context.beginPath();
  for (let at = -axis; at < width; at += 7) {
    context.moveTo(at, axis);
    context.lineTo(at + axis, 0);
  }
  if (gaps.length > 0) context.stroke();
  context.restore();
}

function coloursOf(canvas: HTMLCanvasElement): Colours {
  const style = getComputedStyle(canvas);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ...{ ink: style.color, line: read('--line'), chirp: read('--accent'), page: read('--page') },
    alarms: { high: read('--alarm-high'), medium: read('--alarm-medium'), low: read('--alarm-low') },
  };
}
