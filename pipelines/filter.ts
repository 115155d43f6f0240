import { defer, map, type MonoTypeOperatorFunction } from 'rxjs';
import { ChirpdError } from './core/errors.js';
import { blockLength, type Gap, type SampleBlock, type StreamInfo, type StreamItem } from './core/signal.js';
import { butterworthHighpass, notch, type Biquad } from './dsp/biquad.js';
import { BiquadBank } from './dsp/biquadBank.js';
import { SampleClock } from './dsp/sampleClock.js';
import { startedStage } from './dsp/streamStage.js';

export interface FilterOptions {
  /** Corner (-3 dB) of the Butterworth high-pass of second order, Hz. */
  readonly highpassHz: number;
  /** Centre of the mains notch, Hz (50 or 60). None by default, nor where the stream's rate does not reach it. */
  readonly notchHz?: number | undefined;
}

/** Notch centre over its -3 dB bandwidth: 1.7 Hz wide at 50 Hz. */
const NOTCH_QUALITY = 30;

/**
 * Causal high-pass and notch, in the steady state of its first sample at the start and after each interruption, so that
 * an electrode's offset makes no transient. A sample that is not finite stays so (NaN), and interrupts only the filter
 * of its own channel.
 *
 * @throws (as the Observable's error) ChirpdError `PIPELINE_FILTER_EDGE`, `PIPELINE_CLOCK_BACKWARDS`,
 *   `PIPELINE_NO_INFO`
 */
export function filter(options: FilterOptions): MonoTypeOperatorFunction<StreamItem> {
  return (source) =>
    defer(() => {
      let streamFilter: StreamFilter | undefined;
      return source.pipe(
        map((item): StreamItem => {
          switch (item.type) {
            case 'info':
              streamFilter = new StreamFilter(item, options);
              return item;
            case 'block':
              return startedStage(streamFilter).process(item);
            case 'gap':
              startedStage(streamFilter).interrupt(item);
              return item;
            case 'annotation':
              return item;
          }
        }),
      );
    });
}

/** The filters of one stream's channels. */
class StreamFilter {
  readonly #clock = new SampleClock();
  readonly #bank: BiquadBank;

  constructor(info: StreamInfo, options: FilterOptions) {
    this.#bank = new BiquadBank(designSections(options, info.sampleRate), info.channels.length);
  }

  interrupt(gap: Gap): void {
    this.#clock.interrupt(gap.firstSample, gap.nSamples);
  }

  process(block: SampleBlock): SampleBlock {
    const n = blockLength(block);
    if (!this.#clock.advance(block.firstSample, n)) this.#bank.reset();
    // One array for all: to make many costs more than to fill them.
    const all = new Float32Array(block.samples.length * n);
    const samples = block.samples.map((_, channel) => all.subarray(channel * n, (channel + 1) * n));
    this.#bank.process(block.samples, samples, n);
    return { ...block, samples };
  }
}

function designSections({ highpassHz, notchHz }: FilterOptions, sampleRate: number): Biquad[] {
  if (!(highpassHz > 0 && highpassHz < sampleRate / 2) || !(notchHz === undefined || notchHz > 0)) {
    throw new ChirpdError(
      'PIPELINE_FILTER_EDGE',
      `A high-pass at ${String(highpassHz)} Hz with a notch at ${String(notchHz ?? 'no')} Hz does not fit a stream of ` +
        `${String(sampleRate)} Hz: edges must lie above 0 Hz, the high-pass below half of the stream's rate`,
    );
  }
  const sections = [butterworthHighpass(highpassHz, sampleRate)];
  if (notchHz !== undefined && notchHz < sampleRate / 2) sections.push(notch(notchHz, NOTCH_QUALITY, sampleRate));
  return sections;
}
