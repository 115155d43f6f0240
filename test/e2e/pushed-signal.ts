import { Subject } from 'rxjs';
import { SyntheticSignal } from '../../adapters/synthetic/signal.js';
import { ELECTRODES_10_20 } from '../../adapters/synthetic/electrodes.js';
import { CANVAS } from '../../pipelines/core/profile.js';
import type { StreamItem } from '../../pipelines/core/signal.js';
import { filter } from '../../pipelines/filter.js';
import { montage } from '../../pipelines/montage.js';

export const SAMPLE_RATE = 128;
const N_CHANNELS = 4;
export const LABELS = ELECTRODES_10_20.slice(0, N_CHANNELS).map(({ label }) => label);
/** Samples that never come: from one to before the other. */
export const GAP = { from: 60 * SAMPLE_RATE, to: 62.5 * SAMPLE_RATE } as const;

/** What a test pushes: EEG on an electrode's offset and a slow drift, so that it shows where a filter has begun. */
export function sourceSignal(seed: number, seconds: number): readonly Float32Array[] {
  const signal = new SyntheticSignal({ seed, nChannels: N_CHANNELS, sampleRate: SAMPLE_RATE, chirps: true });
  return signal
    .next(seconds * SAMPLE_RATE)
    .map((values, channel) =>
      values.map((value, i) => value + 700 * channel + 250 * Math.sin((i / SAMPLE_RATE) * 0.4 + channel)),
    );
}

/** Of the average, in its order. */
export const DERIVATIONS = ['Fp1', 'F3', 'Fp2', 'F4'].map((electrode) => `${electrode}-avg`);

/** What topic `waveform` is to tell of it, NaN in the gap: (nDerivations, nSamples). Montage auto, mains of 50 Hz. */
export function expectedWaveform(source: readonly Float32Array[]): readonly Float32Array[] {
  const input = new Subject<StreamItem>();
  const nSamples = source[0]?.length ?? 0;
  const output = source.map(() => new Float32Array(nSamples).fill(NaN));
  input.pipe(montage('auto'), filter({ highpassHz: CANVAS.highpassHz, notchHz: 50 })).subscribe((item) => {
    if (item.type === 'block') item.samples.forEach((values, d) => output[d]?.set(values, item.firstSample));
  });
  const channels = LABELS.map((label) => ({ label, sourceLabel: label }));
  const about = { type: 'info', channels, leftOut: [], startTimeMicros: 0, source: 'test' } as const;
  input.next({ ...about, sampleRate: SAMPLE_RATE });
  const piece = (from: number, to: number): readonly Float32Array[] =>
    source.map((values) => values.subarray(from, to));
  input.next({ type: 'block', firstSample: 0, samples: piece(0, GAP.from) });
  input.next({ type: 'gap', firstSample: GAP.from, nSamples: GAP.to - GAP.from, reason: 'lost-packets' });
  input.next({ type: 'block', firstSample: GAP.to, samples: piece(GAP.to, nSamples) });
  return output;
}
