import { concatMap, defer, type MonoTypeOperatorFunction } from 'rxjs';
import { ChirpdError } from './core/errors.js';
import { bandProfile, PROFILE_NAMES, type BandProfile } from './core/profile.js';
import { blockLength, type Gap, type SampleBlock, type StreamInfo, type StreamItem } from './core/signal.js';
import { Resampler } from './dsp/resampler.js';
import { SampleClock } from './dsp/sampleClock.js';
import { startedStage } from './dsp/streamStage.js';

/**
 * Brings a stream to the profile's analysis rate. What comes out is a stream of its own: its info, blocks and gaps count
 * samples at that rate, on the absolute grid of the input's sample 0. The filter's reach (ten output samples) is missing
 * at the start and on both sides of a gap, which comes out that much longer. A stream that has the rate already passes.
 *
 * @throws (as the Observable's error) ChirpdError `PIPELINE_RATE_TOO_LOW`, `PIPELINE_CLOCK_BACKWARDS`,
 *   `PIPELINE_NO_INFO`
 */
export function resample(profile: BandProfile): MonoTypeOperatorFunction<StreamItem> {
  return (source) =>
    defer(() => {
      let stream: StreamResampler | undefined;
      return source.pipe(
        concatMap((item): readonly StreamItem[] => {
          switch (item.type) {
            case 'info':
              stream = new StreamResampler(item, profile);
              return [stream.info];
            case 'block':
              return startedStage(stream).block(item);
            case 'gap':
              return startedStage(stream).gap(item);
            case 'annotation':
              return [item];
          }
        }),
      );
    });
}

class StreamResampler {
  readonly info: StreamInfo;
  readonly #clock = new SampleClock();
  readonly #resampler: Resampler | undefined;
  /** End of the last block or gap that was emitted. */
  #told = 0;

  constructor(info: StreamInfo, profile: BandProfile) {
    const { sampleRate } = profile;
    if (info.sampleRate < sampleRate) throw rateTooLow(info, profile);
    if (info.sampleRate > sampleRate)
      this.#resampler = new Resampler(info.channels.length, info.sampleRate, sampleRate);
    const { nSamplesTotal } = info;
    this.info = {
      ...info,
      sampleRate,
      ...(nSamplesTotal !== undefined && { nSamplesTotal: Math.ceil((nSamplesTotal * sampleRate) / info.sampleRate) }),
    };
  }

  block(block: SampleBlock): SampleBlock[] {
    const nSamples = blockLength(block);
    const continues = this.#clock.advance(block.firstSample, nSamples);
    if (!this.#resampler) return [block];
    if (!continues) this.#resampler.restart(block.firstSample);
    const resampled = this.#resampler.push(block.samples, nSamples);
    if (!resampled) return [];
    this.#told = this.#resampler.nextOutput;
    return [{ type: 'block', ...resampled }];
  }

  gap(gap: Gap): Gap[] {
    this.#clock.interrupt(gap.firstSample, gap.nSamples);
    if (!this.#resampler) return [gap];
    this.#resampler.restart(gap.firstSample + gap.nSamples);
    const firstSample = this.#told;
    const nSamples = this.#resampler.nextOutput - firstSample;
    // Nothing more is missing than the gap before this one has told, if hardly a sample came between the two.
    if (nSamples <= 0) return [];
    this.#told = this.#resampler.nextOutput;
    return [{ ...gap, firstSample, nSamples }];
  }
}

function rateTooLow(info: StreamInfo, profile: BandProfile): ChirpdError {
  const fitting = PROFILE_NAMES.filter((name) => bandProfile(name).sampleRate <= info.sampleRate);
  return new ChirpdError(
    'PIPELINE_RATE_TOO_LOW',
    `${info.source} has ${String(info.sampleRate)} samples a second, and profile ${profile.name} needs at least ` +
      `${String(profile.sampleRate)}. ` +
      (fitting.length > 0 ? `Profiles that fit: ${fitting.join(', ')}` : 'No profile fits a rate this low'),
  );
}
