import { Observable, type Subscriber } from 'rxjs';
import type { Annotation, StreamInfo, StreamItem } from '../../pipelines/core/signal.js';
import type { Adapter, OpenContext } from '../adapter.js';
import { chirpTrain, type SyntheticChirp } from './chirps.js';
import { ELECTRODES_10_20 } from './electrodes.js';
import type { SyntheticOptions } from './options.js';
import { SyntheticSignal } from './signal.js';

const BLOCK_SECONDS = 0.25;

/** Seeded EEG-like signal with chirps of known parameters, each told by an annotation at its onset. */
export const syntheticAdapter: Adapter<SyntheticOptions, StreamItem> = {
  kind: 'synthetic',
  open: (options, context) =>
    new Observable((subscriber) => {
      const stopped: { wake?: () => void } = {};
      generate(options, context, subscriber, stopped).then(
        () => {
          subscriber.complete();
        },
        (error: unknown) => {
          subscriber.error(error);
        },
      );
      return () => {
        stopped.wake?.();
      };
    }),
};

async function generate(
  options: SyntheticOptions,
  { pacer }: OpenContext,
  subscriber: Subscriber<StreamItem>,
  stopped: { wake?: () => void },
): Promise<void> {
  const { sampleRate, durationSeconds, chirps } = options;
  const nSamplesTotal = durationSeconds === undefined ? undefined : Math.round(durationSeconds * sampleRate);
  // As a file or a device does: nothing comes before subscribing has returned.
  await Promise.resolve();
  subscriber.next(syntheticInfo(options, nSamplesTotal));
  const signal = new SyntheticSignal(options);
  const train = chirps ? chirpTrain(options) : undefined;
  let chirp: SyntheticChirp | undefined = train?.next().value;
  const blockSamples = Math.max(1, Math.floor(sampleRate * BLOCK_SECONDS));
  for (let firstSample = 0; firstSample < (nSamplesTotal ?? Infinity) && !subscriber.closed;) {
    const nSamples = Math.min(blockSamples, (nSamplesTotal ?? Infinity) - firstSample);
    const endSeconds = (firstSample + nSamples) / sampleRate;
    await new Promise<void>((resolve, reject) => {
      stopped.wake = resolve;
      pacer.due(endSeconds).then(resolve, reject);
    });
    if (subscriber.closed) return;
    subscriber.next({ type: 'block', firstSample, samples: signal.next(nSamples) });
    for (; chirp !== undefined && chirp.onsetSeconds < endSeconds; chirp = train?.next().value) {
      subscriber.next(chirpAnnotation(chirp));
    }
    firstSample += nSamples;
  }
}

function syntheticInfo(options: SyntheticOptions, nSamplesTotal: number | undefined): StreamInfo {
  return {
    type: 'info',
    channels: ELECTRODES_10_20.slice(0, options.nChannels).map(({ label }) => ({ label, sourceLabel: label })),
    leftOut: [],
    sampleRate: options.sampleRate,
    startTimeMicros: options.startTimeMicros ?? Date.now() * 1000,
    source: `synthetic EEG, seed ${options.seed}`,
    synthetic: true,
    ...(nSamplesTotal === undefined ? {} : { nSamplesTotal }),
  };
}

/** The truth about one chirp, such as `chirp 7.9-4.1 Hz exponential`. */
export function chirpAnnotation(chirp: SyntheticChirp): Annotation {
  const { onsetSeconds, durationSeconds, startFrequencyHz, endFrequencyHz, sweep } = chirp;
  const text = `chirp ${startFrequencyHz.toFixed(1)}-${endFrequencyHz.toFixed(1)} Hz ${sweep}`;
  return { type: 'annotation', onsetSeconds, durationSeconds, text };
}
