import { concatMap, defer, type OperatorFunction } from 'rxjs';
import { ChirpdError } from './core/errors.js';
import type { BandProfile } from './core/profile.js';
import { blockLength, type Gap, type SampleBlock, type StreamInfo, type StreamItem } from './core/signal.js';
import { SampleClock } from './dsp/sampleClock.js';
import { startedStage } from './dsp/streamStage.js';
import { Stft } from './dsp/stft.js';
import type { ColumnFrame, Passing } from './items.js';

/**
 * Turns a stream at the profile's analysis rate into columns of its spectrogram, each as soon as its last sample is
 * there. A column that misses a sample is not emitted; where only one derivation has a sample that is not finite, that
 * derivation's rows are NaN. Info and gaps pass through, annotations end here.
 *
 * @throws (as the Observable's error) ChirpdError `PIPELINE_RATE_MISMATCH`, `PIPELINE_CLOCK_BACKWARDS`,
 *   `PIPELINE_NO_INFO`
 */
export function spectrogram(profile: BandProfile): OperatorFunction<StreamItem, ColumnFrame | Passing> {
  return (source) =>
    defer(() => {
      let stream: StreamSpectrogram | undefined;
      return source.pipe(
        concatMap((item): readonly (ColumnFrame | Passing)[] => {
          switch (item.type) {
            case 'info':
              stream = new StreamSpectrogram(item, profile);
              return [item];
            case 'block':
              return startedStage(stream).block(item);
            case 'gap':
              startedStage(stream).interrupt(item);
              return [item];
            case 'annotation':
              return [];
          }
        }),
      );
    });
}

class StreamSpectrogram {
  readonly #profile: BandProfile;
  readonly #clock = new SampleClock();
  readonly #stft: Stft;

  constructor(info: StreamInfo, profile: BandProfile) {
    if (info.sampleRate !== profile.sampleRate) {
      throw new ChirpdError(
        'PIPELINE_RATE_MISMATCH',
        `Columns of profile ${profile.name} are made at ${String(profile.sampleRate)} Hz, and the stream has ` +
          `${String(info.sampleRate)} Hz: resample it first`,
      );
    }
    this.#profile = profile;
    this.#stft = new Stft(info.channels.length, profile);
  }

  interrupt(gap: Gap): void {
    this.#clock.interrupt(gap.firstSample, gap.nSamples);
  }

  block(block: SampleBlock): ColumnFrame[] {
    const nSamples = blockLength(block);
    if (!this.#clock.advance(block.firstSample, nSamples)) this.#stft.restart(block.firstSample);
    return this.#stft
      .push(block.samples, nSamples)
      .map(({ column, decibels }) => ({ type: 'column', profile: this.#profile, column, decibels }));
  }
}
