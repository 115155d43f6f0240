import { microvoltsOf } from '../../daemon/protocol/codec.js';
import type { ServerMessage, WaveformMessage } from '../../daemon/protocol/messages.js';
import type { BedModel } from './bedModel.js';
import { pixelRatio } from './canvasSize.js';
import { element } from './element.js';
import { Playhead } from './playhead.js';
import { speak } from './spoken.js';
import { TraceBuffer } from './traceBuffer.js';
import { tileWords } from './wordsTile.js';

/** A page of raw EEG, as it is read on paper. */
const PAGE_SECONDS = 10;
/** Half-heights of the strip that may be chosen, microvolts. */
const SCALES = [25, 50, 100, 200, 500, 1000, 2000, 5000];

/** Opens a connection that gets a bed's waveform. @returns how to close it */
export type OpenWaveform = (bed: string, onMessage: (message: ServerMessage) => void) => () => void;

/** A strip with the last 10 s of one derivation under a tile's spectrogram. Costs a connection only while it is shown. */
export class RawEeg {
  readonly root = element('div', 'tile-raw');
  readonly #canvas = element('canvas', '');
  readonly #bed: BedModel;
  readonly #open: OpenWaveform;
  #close: (() => void) | undefined;
  #buffer: TraceBuffer | undefined;
  #playhead = new Playhead();
  #blockSeconds = 0;
  #ink = '';
  #line = '';
  #font = '';

  constructor(bed: BedModel, open: OpenWaveform) {
    this.#bed = bed;
    this.#open = open;
    this.root.hidden = true;
    this.#canvas.setAttribute('role', 'img');
    speak(this.#canvas, () => tileWords().rawPicture(bed.name), 'aria-label');
    this.root.append(this.#canvas);
    new ResizeObserver(() => {
      this.restyle();
    }).observe(this.root);
  }

  get shown(): boolean {
    return !this.root.hidden;
  }

  show(shown: boolean): void {
    if (shown === this.shown) return;
    this.root.hidden = !shown;
    this.#close?.();
    this.#close = shown
      ? this.#open(this.#bed.name, (message) => {
          this.#take(message);
        })
      : undefined;
    this.#buffer = undefined;
  }

  restyle(): void {
    const ratio = pixelRatio();
    this.#canvas.width = Math.round(this.root.clientWidth * ratio);
    this.#canvas.height = Math.round(this.root.clientHeight * ratio);
    const style = getComputedStyle(this.#canvas);
    this.#ink = style.color;
    this.#line = style.getPropertyValue('--line');
    this.#font = `${String(parseFloat(style.fontSize) * ratio)}px ${style.fontFamily}`;
  }

  /** @param derivation which of the bed's derivations */
  frame(nowMs: number, derivation: number): void {
    const buffer = this.#buffer;
    const context = this.#canvas.getContext('2d');
    if (!this.shown || buffer === undefined || context === null) return;
    this.#playhead.advance(nowMs, buffer.end / buffer.sampleRate, this.#bed.info.speed, this.#blockSeconds);
    const last = Math.round(this.#playhead.position * buffer.sampleRate);
    const first = last - Math.round(PAGE_SECONDS * buffer.sampleRate);
    const scale = scaleOf(buffer, derivation, first, last);
    const { width, height } = this.#canvas;
    const ratio = width / Math.max(1, this.root.clientWidth);
    context.clearRect(0, 0, width, height);
    context.lineWidth = ratio;
    context.strokeStyle = this.#line;
    context.beginPath();
    const firstSecond = Math.ceil(first / buffer.sampleRate);
    for (let second = firstSecond; second * buffer.sampleRate < last; second++) {
      const x = ((second * buffer.sampleRate - first) / (last - first)) * width;
      context.moveTo(x, 0);
      context.lineTo(x, height);
    }
    context.stroke();
    context.strokeStyle = this.#ink;
    context.beginPath();
    drawTrace(context, buffer, derivation, first, last, width, height, scale);
    context.stroke();
    context.font = this.#font;
    context.textBaseline = 'top';
    context.fillStyle = this.#ink;
    const label = this.#bed.info.derivations[derivation] ?? '';
    context.fillText(`${label}  ±${String(scale)} µV  10 s`, 4 * ratio, 2 * ratio);
  }

  #take(message: ServerMessage): void {
    if (message.type !== 'waveform' || message.bed !== this.#bed.name) return;
    const nDerivations = this.#bed.info.derivations.length;
    const { sampleRate } = message;
    if (this.#buffer?.nDerivations !== nDerivations || this.#buffer.sampleRate !== sampleRate) {
      this.#buffer = new TraceBuffer(nDerivations, sampleRate, PAGE_SECONDS + 5);
      this.#playhead = new Playhead();
    }
    this.#blockSeconds = message.nSamples / sampleRate;
    this.#buffer.put(firstSample(message, this.#bed), microvoltsOf(message.microvolts));
  }
}

/** Index of a waveform message's first sample, counted from the stream's first. */
function firstSample(message: WaveformMessage, bed: BedModel): number {
  return Math.max(0, Math.round(bed.secondsOf(message.timeMicros) * message.sampleRate));
}

/** The smallest scale into which nearly all of the page fits. */
function scaleOf(buffer: TraceBuffer, derivation: number, first: number, last: number): number {
  const sizes: number[] = [];
  for (let i = first; i < last; i += 4) {
    const value = Math.abs(buffer.at(derivation, i));
    if (!Number.isNaN(value)) sizes.push(value);
  }
  sizes.sort((a, b) => a - b);
  const most = sizes[Math.floor(0.99 * sizes.length)] ?? 0;
  return SCALES.find((scale) => scale >= most) ?? SCALES.at(-1) ?? most;
}

/** Adds the trace to the path; it breaks where samples never came. */
function drawTrace(
  context: CanvasRenderingContext2D,
  buffer: TraceBuffer,
  derivation: number,
  first: number,
  last: number,
  width: number,
  height: number,
  scale: number,
): void {
  let drawing = false;
  for (let i = first; i < last; i++) {
    const value = buffer.at(derivation, i);
    if (Number.isNaN(value)) {
      drawing = false;
      continue;
    }
    const x = ((i - first) / (last - first)) * width;
    const y = height / 2 - (value / scale) * (height / 2);
    if (drawing) context.lineTo(x, y);
    else context.moveTo(x, y);
    drawing = true;
  }
}
