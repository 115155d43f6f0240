import type { ChannelQuality, ChannelState, QualityFrame } from '../core/quality.js';
import {
  blockLength,
  type ElectrodeContact,
  type ElectrodeReading,
  type SampleBlock,
  type StreamInfo,
} from '../core/signal.js';
import { Goertzel } from './goertzel.js';

/** Judged over this long: 50 and 60 Hz are whole numbers of periods, so that neither leaks into the other. */
const WINDOW_SECONDS = 1;
/** Scalp EEG, even suppressed, moves more than this within a second; a shorted or loose input may not. */
const FLAT_MICROVOLTS = 0.5;
/** Share of samples at an end of the range from which on a channel is saturated. */
const SATURATED_SHARE = 0.02;
/** Hum counts when it is this strong, and stronger than all else. */
const HUM_MICROVOLTS = 10;
/** An electrode that is no longer on the skin. */
const OFF_OHMS = 1_000_000;
const MAINS_HZ = [50, 60] as const;

/** One channel's window. */
class ChannelWindow {
  readonly #low: number;
  readonly #high: number;
  readonly #mains: readonly Goertzel[];
  #n = 0;
  #atEnds = 0;
  #minimum = Infinity;
  #maximum = -Infinity;
  #sum = 0;
  #sumSquares = 0;
  /** Of the window's first sample: sums about it lose no digits to an electrode's offset. */
  #origin = 0;

  constructor(sampleRate: number, range: readonly [number, number] | undefined) {
    this.#low = range?.[0] ?? -Infinity;
    this.#high = range?.[1] ?? Infinity;
    this.#mains = MAINS_HZ.filter((hertz) => hertz < 0.45 * sampleRate).map((hertz) => new Goertzel(hertz, sampleRate));
  }

  add(samples: Float32Array, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const value = samples[i]!;
      if (this.#n++ === 0) this.#origin = value;
      if (value < this.#minimum) this.#minimum = value;
      if (value > this.#maximum) this.#maximum = value;
      if (value <= this.#low || value >= this.#high) this.#atEnds++;
      const off = value - this.#origin;
      this.#sum += off;
      this.#sumSquares += off * off;
      for (const mains of this.#mains) mains.add(off);
    }
  }

  take(contact: ElectrodeContact | undefined): Omit<ChannelQuality, 'label'> {
    const n = Math.max(1, this.#n);
    const variance = Math.max(0, this.#sumSquares / n - (this.#sum / n) ** 2);
    const hum = Math.max(0, ...this.#mains.map((mains) => mains.take()));
    const swing = this.#maximum - this.#minimum;
    const isSaturated = this.#atEnds > SATURATED_SHARE * n;
    const isHum = Math.sqrt(hum) > HUM_MICROVOLTS && hum > variance / 2;
    this.#n = this.#atEnds = this.#sum = this.#sumSquares = 0;
    this.#minimum = Infinity;
    this.#maximum = -Infinity;
    const state = stateOf(contact, isSaturated, swing < FLAT_MICROVOLTS, isHum);
    const ohms = contact?.impedanceOhms;
    return { state, humMicrovolts: Math.sqrt(hum), ...(ohms !== undefined && { impedanceOhms: ohms }) };
  }
}

function stateOf(
  contact: ElectrodeContact | undefined,
  isSaturated: boolean,
  isFlat: boolean,
  isHum: boolean,
): ChannelState {
  if (contact?.isOff === true || (contact?.impedanceOhms ?? 0) >= OFF_OHMS) return 'off';
  if (isSaturated) return 'saturated';
  if (isFlat) return 'flat';
  return isHum ? 'hum' : 'good';
}

/**
 * Says once a second of each channel of the source whether its signal can be trusted: electrode off (the device says
 * so, or measures 1 Mohm and more), saturated, flat, or mains hum.
 */
export class QualityMonitor {
  readonly #sampleRate: number;
  readonly #windowSamples: number;
  readonly #labels: readonly string[];
  readonly #windows: readonly ChannelWindow[];
  #contacts: readonly ElectrodeContact[] = [];
  #nInWindow = 0;

  constructor({ sampleRate, channels }: StreamInfo) {
    this.#sampleRate = sampleRate;
    this.#windowSamples = Math.max(1, Math.round(WINDOW_SECONDS * sampleRate));
    this.#labels = channels.map(({ label }) => label);
    this.#windows = channels.map(({ rangeMicrovolts }) => new ChannelWindow(sampleRate, rangeMicrovolts));
  }

  electrodes({ channels }: ElectrodeReading): void {
    this.#contacts = channels;
  }

  /** @returns a frame for each second that the block completes */
  block({ firstSample, samples }: SampleBlock): readonly QualityFrame[] {
    const nSamples = blockLength({ type: 'block', firstSample, samples });
    const frames: QualityFrame[] = [];
    for (let from = 0; from < nSamples;) {
      const to = Math.min(nSamples, from + this.#windowSamples - this.#nInWindow);
      this.#windows.forEach((window, channel) => {
        window.add(samples[channel]!, from, to);
      });
      this.#nInWindow += to - from;
      from = to;
      if (this.#nInWindow < this.#windowSamples) break;
      this.#nInWindow = 0;
      const channels = this.#labels.map((label, i) => ({ label, ...this.#windows[i]!.take(this.#contacts[i]) }));
      frames.push({ type: 'quality', seconds: (firstSample + to) / this.#sampleRate, channels });
    }
    return frames;
  }
}
