import { Random } from '../../../adapters/synthetic/random.js';
import type { Channel, StreamInfo, StreamItem } from '../../../pipelines/core/signal.js';

/** 2026-11-24 03:00:00.25 UTC. */
export const START_MICROS = Date.UTC(2026, 10, 24, 3, 0, 0, 250) * 1000;

/** Of a converter of 24 bits with a step of 0.0223517... uV. */
export const CYTON: Pick<Channel, 'digitisation'> = {
  digitisation: { digital: [-8388607, 8388607], physical: [-187500, 187500], unit: 'uV' },
};

export function streamInfo(options: Partial<StreamInfo> = {}): StreamInfo {
  const channels = ['Fp1', 'F7', 'T7'].map((label) => ({ label, sourceLabel: `EEG ${label}`, ...CYTON }));
  const fixed = { type: 'info', channels, leftOut: [], source: 'test' } as const;
  return { ...fixed, sampleRate: 256, startTimeMicros: START_MICROS, ...options };
}

/** What a converter gives: whole numbers as microvolts in float32. Another for each seed. */
export function convertedBlock(info: StreamInfo, firstSample: number, nSamples: number, seed = 1): StreamItem {
  const samples = info.channels.map(({ digitisation, label }) => {
    const random = new Random(seed, `${label}:${String(firstSample)}`);
    const { digital = [-1e6, 1e6], physical = [-1000, 1000] } = digitisation ?? {};
    const gain = (physical[1] - physical[0]) / (digital[1] - digital[0]);
    return Float32Array.from({ length: nSamples }, () => {
      const n = digital[0] + Math.floor(random.uniform() * (digital[1] - digital[0] + 1));
      return (n - digital[0]) * gain + physical[0];
    });
  });
  return { type: 'block', firstSample, samples };
}

/** Blocks of a quarter of a second, from one sample to another. */
export function* blocks(info: StreamInfo, from: number, to: number): Generator<StreamItem, void, void> {
  const length = Math.floor(info.sampleRate / 4);
  for (let first = from; first < to; first += length) yield convertedBlock(info, first, Math.min(length, to - first));
}
