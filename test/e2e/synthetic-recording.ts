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
  /** What is left out, so that the file is EDF+D. */
  readonly gap?: Stretch;
  readonly gaps?: readonly Stretch[];
}

/** From the end of a record to a sample. */
interface Stretch {
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/** Writes generated EEG with chirps as an EDF+ file. Its chirps are those of `chirpTrain` with `N_CHANNELS`. */
export function writeSyntheticRecording(
  path: string,
  { seed, seconds, gap, gaps = gap === undefined ? [] : [gap] }: SyntheticRecording,
): void {
  const signal = new SyntheticSignal({ seed, nChannels: N_CHANNELS, sampleRate: SAMPLE_RATE, chirps: true });
  const samples = signal.next(seconds * SAMPLE_RATE);
  const onsets = recordOnsets(seconds, gaps);
  const digitalAt = (channel: Float32Array, i: number): number => {
    const microvolts = channel[onsets[Math.floor(i / SAMPLE_RATE)]! * SAMPLE_RATE + (i % SAMPLE_RATE)]!;
    return Math.max(-2048, Math.min(2047, Math.round((microvolts + 500) / MICROVOLTS_PER_BIT) - 2048));
  };
  const bytes = buildEdf({
    reserved: gaps.length === 0 ? 'EDF+C' : 'EDF+D',
    date: '01.02.03',
    time: '04.05.06',
    nRecords: onsets.length,
    annotations: (record) => `+${onsets[record]!}\x14\x14\0`,
    signals: samples.map((channel, c) => ({
      label: `EEG ${ELECTRODES_10_20[c]!.label}-Ref`,
      samplesPerRecord: SAMPLE_RATE,
      digitalAt: (i) => digitalAt(channel, i),
    })),
  });
  writeFileSync(path, bytes);
}

/** Of records of one second. */
function recordOnsets(seconds: number, gaps: readonly Stretch[]): readonly number[] {
  const onsets: number[] = [];
  for (let onset = 0; onset + 1 <= seconds;) {
    const gap = gaps.find(({ fromSeconds, toSeconds }) => onset >= fromSeconds && onset < toSeconds);
    if (gap === undefined) onsets.push(onset++);
    else onset = gap.toSeconds;
  }
  return onsets;
}
