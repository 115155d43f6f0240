import { microvoltsOf } from '../../daemon/protocol/codec.js';
import type { ChannelsMessage, ServerMessage } from '../../daemon/protocol/messages.js';
import type { BedModel } from './bedModel.js';
import { EegSamples } from './bedViewSamples.js';
import { Playhead } from './playhead.js';
import type { OpenWaveform } from './rawEeg.js';

/** The longest page, 20 s, and as much before it for the filters and for those who pause late. */
const KEPT_SECONDS = 40;
/** Without samples for so long the page is not live: as bedModel.ts has it for columns. */
const STALE_AFTER_MS = 1300;

/** Gives samples the montage and the filters that are chosen now. */
export type EegChoices = (samples: EegSamples) => void;

/** A page that stands still. */
interface Frozen {
  readonly samples: EegSamples;
  readonly clockSeconds: number;
  /** When its newest sample came, `performance.now()` milliseconds. */
  readonly dataAtMs: number;
}

/** A bed's samples as they come, on a connection of their own; and how far they are shown, which may be held. */
export class BedViewLive {
  readonly #bed: BedModel;
  readonly #close: () => void;
  readonly #choices: EegChoices;
  readonly #openedMs = performance.now();
  /** A stream began, or another one. */
  onBegin: () => void = () => undefined;
  #samples: EegSamples | undefined;
  #frozen: Frozen | undefined;
  #startTimeMicros = 0;
  #playhead = new Playhead();
  #blockSeconds = 0;
  #dataAtMs = Number.NEGATIVE_INFINITY;

  constructor(bed: BedModel, open: OpenWaveform, choices: EegChoices) {
    this.#bed = bed;
    this.#choices = choices;
    this.#close = open(bed.name, (message) => {
      this.#take(message);
    });
  }

  /** Those to be shown; undefined before the first. */
  get samples(): EegSamples | undefined {
    return this.#frozen?.samples ?? this.#samples;
  }

  /** Unix time of sample 0. */
  get startSeconds(): number {
    return this.#startTimeMicros / 1e6;
  }

  /** Unix time up to which they are to be shown; NaN before the first. */
  get clockSeconds(): number {
    return this.#frozen?.clockSeconds ?? this.startSeconds + this.#playhead.position;
  }

  get isPaused(): boolean {
    return this.#frozen !== undefined;
  }

  /** How old the page is that is held, milliseconds; undefined while it goes on. */
  heldMs(nowMs: number): number | undefined {
    return this.#frozen === undefined ? undefined : nowMs - this.#frozen.dataAtMs;
  }

  close(): void {
    this.#close();
  }

  /** Filters or montage are others. */
  choose(): void {
    for (const samples of [this.#samples, this.#frozen?.samples]) if (samples) this.#choices(samples);
  }

  /** Holds what is shown as it is, or goes on with what is newest. */
  pause(paused: boolean): void {
    if (paused === this.isPaused || (paused && this.#samples === undefined)) return;
    if (paused && this.#samples !== undefined) {
      const { clockSeconds } = this;
      this.#frozen = { samples: this.#samples.copy(), clockSeconds, dataAtMs: this.#dataAtMs };
      return;
    }
    this.#frozen = undefined;
    this.#playhead = new Playhead();
  }

  /** Since when no sample has come, `performance.now()` milliseconds; undefined while they come. */
  staleSinceMs(nowMs: number): number | undefined {
    const since = Math.max(this.#dataAtMs, this.#openedMs);
    const slow = this.#bed.info.speed > 0 && this.#bed.info.speed < 1 ? this.#bed.info.speed : 1;
    // The first samples need a connection of their own.
    const patience = Number.isFinite(this.#dataAtMs) ? STALE_AFTER_MS : 3 * STALE_AFTER_MS;
    return nowMs - since > patience / slow ? since : undefined;
  }

  advance(nowMs: number): void {
    if (this.#samples === undefined || this.#frozen !== undefined) return;
    // The newest sample stands at the head: the line to it is complete.
    const newest = (this.#samples.end - 1) / this.#samples.sampleRate;
    this.#playhead.advance(nowMs, newest, this.#bed.info.speed, this.#blockSeconds);
  }

  #take(message: ServerMessage): void {
    if (message.type !== 'channels' || message.bed !== this.#bed.name) return;
    const { startTimeMicros } = this.#bed.info;
    const { sampleRate, channels } = message;
    const isOther =
      this.#samples?.channels.join('\n') !== channels.join('\n') || this.#samples.sampleRate !== sampleRate;
    if (isOther || this.#samples === undefined || startTimeMicros !== this.#startTimeMicros) {
      this.#startTimeMicros = startTimeMicros;
      this.#samples = new EegSamples(channels, sampleRate, KEPT_SECONDS);
      this.#choices(this.#samples);
      this.#playhead = new Playhead();
      this.onBegin();
    }
    this.#blockSeconds = message.nSamples / sampleRate;
    this.#dataAtMs = performance.now();
    // After a gap columns come seconds later than samples do.
    this.#bed.touch(this.#dataAtMs);
    this.#samples.put(this.#firstSample(message), microvoltsOf(message.microvolts));
  }

  #firstSample({ timeMicros, sampleRate }: ChannelsMessage): number {
    return Math.max(0, Math.round(this.#bed.secondsOf(timeMicros) * sampleRate));
  }
}
