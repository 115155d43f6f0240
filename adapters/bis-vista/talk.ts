import { canonicalLabel } from '../../pipelines/core/labels.js';
import type { AdapterItem } from '../../pipelines/core/signal.js';
import type { SerialLine } from '../serial/line.js';
import { defaultLabel } from '../serial/options.js';
import type { SerialTalk } from '../serial/stream.js';
import { StreamAssembler } from '../stream-assembler.js';
import { BisFrameReader, encodeMessage, type BisFrame, type BisMessage } from './frame.js';
import { lostMessages } from './lost-messages.js';
import {
  BIS_CHANNELS,
  decodeRawEeg,
  decodeScale,
  DEFAULT_BIS_SCALE,
  MESSAGE_IDS,
  MONITOR_ROUTING,
  START_PROCESSED,
  START_RAW,
  STOP_PROCESSED,
  STOP_RAW,
  type BisScale,
  type RawEeg,
} from './messages.js';
import type { BisVistaOptions } from './options.js';

/** What was asked for and does not come is asked for again. */
const ASK_AGAIN_MICROS = 1e6;
/** The scale comes once a second; after this long the stream begins with the usual one. */
const SCALE_TIMEOUT_MICROS = 2.5e6;
const BLOCK_SECONDS = 0.125;
const COUNTER_ROUND = 0x10000;
const LOWEST_COUNT = -32_768;
const HIGHEST_COUNT = 32_767;

/** Asks a monitor for raw EEG and for the processed variables, which hold its scale. */
export class BisVistaTalk implements SerialTalk {
  readonly farewell = Buffer.concat(
    [STOP_RAW, STOP_PROCESSED].map((message) => encodeMessage(0, MONITOR_ROUTING, message)),
  );
  readonly #options: BisVistaOptions;
  readonly #emit: (item: AdapterItem) => void;
  readonly #labels: readonly string[];
  readonly #reader = new BisFrameReader((frame) => {
    this.#takeFrame(frame);
  });
  #line: SerialLine | undefined;
  #assembler: StreamAssembler | undefined;
  #scale: BisScale | undefined;
  #hostMicros = 0;
  #askedMicros = 0;
  #firstRawMicros: number | undefined;
  #hasRaw = false;
  #hasProcessed = false;
  /** Frame counter of the last frame of any kind, and frames missing since the last raw EEG. */
  #sequence: number | undefined;
  #nFramesMissing: number | undefined = 0;
  #nRaw = 0;
  #previousMicros: number | undefined;
  #nextSample = 0;

  constructor(options: BisVistaOptions, emit: (item: AdapterItem) => void) {
    this.#options = options;
    this.#emit = emit;
    this.#labels = options.labels ?? Array.from({ length: BIS_CHANNELS }, (_, place) => defaultLabel(place));
  }

  async start(line: SerialLine): Promise<void> {
    this.#line = line;
    await this.#ask(line.nowMicros());
  }

  receive(bytes: Uint8Array, hostMicros: number): boolean {
    this.#hostMicros = hostMicros;
    const nBefore = this.#nRaw;
    this.#reader.push(bytes);
    return this.#nRaw > nBefore;
  }

  tick(hostMicros: number): void {
    if (hostMicros - this.#askedMicros < ASK_AGAIN_MICROS) return;
    if (this.#hasRaw && this.#hasProcessed) {
      this.#hasRaw = this.#hasProcessed = false;
      this.#askedMicros = hostMicros + ASK_AGAIN_MICROS;
      return;
    }
    // A port that has gone tells so itself.
    this.#ask(hostMicros).catch(() => undefined);
  }

  end(): void {
    this.#assembler?.flush();
  }

  async #ask(hostMicros: number): Promise<void> {
    this.#askedMicros = hostMicros;
    const wanted: BisMessage[] = [];
    if (!this.#hasProcessed) wanted.push(START_PROCESSED);
    if (!this.#hasRaw) wanted.push(START_RAW);
    for (const message of wanted) await this.#line?.write(encodeMessage(0, MONITOR_ROUTING, message));
  }

  #takeFrame({ sequence, message }: BisFrame): void {
    if (this.#sequence !== undefined) {
      const nSteps = (sequence - this.#sequence) & 0xffff;
      // A counter that goes back has been set anew, or an answer has overtaken another frame: nothing is missing.
      const nMissing = nSteps < COUNTER_ROUND / 2 ? nSteps - 1 : 0;
      this.#nFramesMissing = nSteps === 0 ? undefined : (this.#nFramesMissing ?? 0) + nMissing;
    }
    this.#sequence = sequence;
    if (message?.id === MESSAGE_IDS.processed) {
      this.#hasProcessed = true;
      this.#scale = decodeScale(message.data) ?? this.#scale ?? DEFAULT_BIS_SCALE;
    } else if (message?.id === MESSAGE_IDS.rawEeg) {
      this.#hasRaw = true;
      const raw = decodeRawEeg(message.data);
      if (raw !== undefined) this.#takeRaw(raw, this.#hostMicros);
    }
  }

  #takeRaw({ sampleRate, counts }: RawEeg, hostMicros: number): void {
    const elapsedSeconds = (hostMicros - (this.#previousMicros ?? hostMicros)) / 1e6;
    const pause = { elapsedSeconds, nFramesMissing: this.#nFramesMissing };
    this.#previousMicros = hostMicros;
    this.#nFramesMissing = 0;
    this.#nRaw++;
    this.#firstRawMicros ??= hostMicros;
    // Values of two scales do not make one stream: it begins when the monitor has told its own.
    if (this.#scale === undefined && hostMicros - this.#firstRawMicros < SCALE_TIMEOUT_MICROS) return;
    const nSamples = counts.length / BIS_CHANNELS;
    const { gain, offset } = (this.#scale ??= DEFAULT_BIS_SCALE);
    if (this.#assembler === undefined) this.#begin(sampleRate, hostMicros, nSamples, this.#scale);
    else this.#nextSample += lostMessages(pause, nSamples / sampleRate) * nSamples;
    for (let i = 0; i < nSamples; i++) {
      const microvolts = this.#labels.map((_, channel) => gain * (counts[i * BIS_CHANNELS + channel]! - offset));
      // The message came when its last sample was there.
      const isLast = i === nSamples - 1;
      this.#assembler!.push(this.#nextSample++, microvolts, isLast ? { hostMicros } : undefined);
    }
    this.#assembler!.flush();
  }

  #begin(sampleRate: number, hostMicros: number, nSamples: number, { gain, offset }: BisScale): void {
    const model = 'BIS Vista';
    const lowest = gain * (LOWEST_COUNT - offset);
    const highest = gain * (HIGHEST_COUNT - offset);
    this.#emit({
      type: 'info',
      channels: this.#labels.map((label) => ({
        label: canonicalLabel(label),
        sourceLabel: label,
        rangeMicrovolts: [Math.min(lowest, highest), Math.max(lowest, highest)],
      })),
      leftOut: [
        ...Array.from({ length: BIS_CHANNELS - this.#labels.length }, (_, i) => ({
          sourceLabel: defaultLabel(this.#labels.length + i),
          reason: 'not named by the config',
        })),
        { sourceLabel: 'processed variables', reason: 'no EEG' },
      ],
      sampleRate,
      startTimeMicros: Math.round(hostMicros - ((nSamples - 1) / sampleRate) * 1e6),
      source: `${model} on ${this.#options.port} (experimental)`,
      device: { model },
    });
    this.#assembler = new StreamAssembler({
      nChannels: this.#labels.length,
      sampleRate,
      blockSamples: Math.max(1, Math.round(sampleRate * BLOCK_SECONDS)),
      emit: this.#emit,
    });
  }
}
