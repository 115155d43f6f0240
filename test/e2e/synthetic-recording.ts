import { writeFileSync } from 'node:fs';
import { ELECTRODES_10_20 } from '../../adapters/synthetic/electrodes.js';
import { SyntheticSignal } from '../../adapters/synthetic/signal.js';
import { buildEdf } from '../fixtures/edf/build.js';

/** Of every recording that is written here. */
export const START_TIME_MICROS = Date.UTC(2003, 1, 1, 4, 5, 6) * 1000;

export const N_CHANNELS = 8;
const SAMPLE_RATE = 128;
/** As `buildEdf` calibrates: 12 bits over 1000 microvolts. */
const MICROVOLTS_PER_BIT = 1000 / 4095;

export interface SyntheticRecording {
  readonly seed: number;
  /** Whole seconds, the gap included. */
  readonly seconds: number;
  /** Whole seconds that are left out, so that the file is EDF+D. */
  readonly gap?: { readonly fromSeconds: number; readonly toSeconds: number };
}

/** Writes generated EEG with chirps as an EDF+ file. Its chirps are those of `chirpTrain` with `N_CHANNELS`. */
export function writeSyntheticRecording(path: string, { seed, seconds, gap }: SyntheticRecording): void {
  const signal = new SyntheticSignal({ seed, nChannels: N_CHANNELS, sampleRate: SAMPLE_RATE, chirps: true });
  const samples = signal.next(seconds * SAMPLE_RATE);
  const recorded = Array.from({ length: seconds }, (_, second) => second).filter(
    (second) => gap === undefined || second < gap.fromSeconds || second >= gap.toSeconds,
  );
  const digitalAt = (channel: Float32Array, i: number): number => {
    const second = recorded[Math.floor(i / SAMPLE_RATE)]!;
    const microvolts = channel[second * SAMPLE_RATE + (i % SAMPLE_RATE)]!;
    return Math.max(-2048, Math.min(2047, Math.round((microvolts + 500) / MICROVOLTS_PER_BIT) - 2048));
  };
  const bytes = buildEdf({
    reserved: gap === undefined ? 'EDF+C' : 'EDF+D',
    date: '01.02.03',
    time: '04.05.06',
    nRecords: recorded.length,
    annotations: (record) => `+${recorded[record]!}\x14\x14\0`,
    signals: samples.map((channel, c) => ({
      label: `EEG ${ELECTRODES_10_20[c]!.label}-Ref`,
      samplesPerRecord: SAMPLE_RATE,
      digitalAt: (i) => digitalAt(channel, i),
    })),
  });
  writeFileSync(path, bytes);
}
