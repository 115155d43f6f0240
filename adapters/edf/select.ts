import { ChirpdError } from '../../pipelines/core/errors.js';
import type { Channel, LeftOutChannel } from '../../pipelines/core/signal.js';
import { EegSelection, type Candidate, type SelectableSignal } from '../replay/select.js';
import { unitOf } from '../replay/units.js';
import type { EdfHeader, EdfSignal } from './header.js';
import type { EdfOptions } from './options.js';
import { calibrationOf, type Calibration } from './samples.js';

/** The signals of a file that are streamed: all of one rate, labels unique. */
export interface EdfSelection {
  readonly channels: readonly Channel[];
  readonly signals: readonly EdfSignal[];
  /** To microvolts, one per channel. */
  readonly calibrations: readonly Calibration[];
  readonly samplesPerRecord: number;
  /** Hz */
  readonly sampleRate: number;
  /** Every other signal but the annotations, with the reason. */
  readonly leftOut: readonly LeftOutChannel[];
}

/** Outside of these no EEG is sampled: the header is wrong, and what follows would be sized by it. */
const LOWEST_SAMPLE_RATE = 1;
const HIGHEST_SAMPLE_RATE = 1e6;

/** Samples per second; a quotient within rounding of a whole number is that number. */
export function sampleRateOf(samplesPerRecord: number, recordSeconds: number): number {
  const quotient = samplesPerRecord / recordSeconds;
  const whole = Math.round(quotient);
  return whole > 0 && Math.abs(quotient - whole) < 1e-9 * whole ? whole : quotient;
}

function mostCommonSamplesPerRecord(candidates: readonly Candidate<EdfSignal>[]): number {
  const counts = new Map<number, number>();
  for (const { signal } of candidates)
    counts.set(signal.samplesPerRecord, (counts.get(signal.samplesPerRecord) ?? 0) + 1);
  return [...counts].reduce((best, next) =>
    next[1] > best[1] || (next[1] === best[1] && next[0] > best[0]) ? next : best,
  )[0];
}

/**
 * Chooses what is streamed: the EEG of a recording, as far as it has one sampling rate.
 * @throws ChirpdError EDF_NO_EEG, EDF_CALIBRATION, EDF_SAMPLE_RATE
 */
export function selectSignals(header: EdfHeader, options: EdfOptions): EdfSelection {
  const { path } = options;
  const signals = header.signals
    .filter((signal) => !signal.isAnnotation)
    .map((signal): EdfSignal & SelectableSignal =>
      signal.samplesPerRecord === 0 ? { ...signal, unusable: 'it has no samples' } : signal,
    );
  const selection = new EegSelection(signals, options);
  if (selection.candidates.length === 0) {
    const found = selection.whyNothing() || 'it holds annotations only';
    throw new ChirpdError('EDF_NO_EEG', `${path}: no signal is EEG in microvolts (${found})`);
  }

  const samplesPerRecord = mostCommonSamplesPerRecord(selection.candidates);
  const sampleRate = sampleRateOf(samplesPerRecord, header.recordSeconds);
  if (!(sampleRate >= LOWEST_SAMPLE_RATE && sampleRate <= HIGHEST_SAMPLE_RATE)) {
    const message = `${path}: ${samplesPerRecord} samples in a record of ${header.recordSeconds} s are ${sampleRate.toPrecision(3)} Hz, not between ${LOWEST_SAMPLE_RATE} Hz and ${HIGHEST_SAMPLE_RATE / 1e6} MHz. Correct the record duration in the header`;
    throw new ChirpdError('EDF_SAMPLE_RATE', message);
  }
  selection.candidates = selection.candidates.filter(({ signal }) => {
    if (signal.samplesPerRecord === samplesPerRecord) return true;
    const ownRate = Number(sampleRateOf(signal.samplesPerRecord, header.recordSeconds).toPrecision(6));
    const reason = `sampled at ${ownRate} Hz, the stream is at ${Number(sampleRate.toPrecision(6))} Hz`;
    selection.leaveOut(signal, reason);
    return false;
  });
  selection.keepFirstOfEachLabel((signal) => `signal ${signal.index + 1}`);
  const chosen = selection.candidates;
  for (const { signal } of chosen) {
    if (signal.calibrationProblem === undefined) continue;
    const message = `${path}: signal ${signal.index + 1} (${JSON.stringify(signal.label)}) has no usable calibration: ${signal.calibrationProblem}. Correct the header, or leave the signal out with the adapter's option exclude`;
    throw new ChirpdError('EDF_CALIBRATION', message);
  }
  return {
    channels: chosen.map(({ signal, label, scale }) => ({
      label: label.label,
      sourceLabel: signal.label,
      digitisation: {
        digital: [signal.digitalMinimum, signal.digitalMaximum],
        physical: [signal.physicalMinimum, signal.physicalMaximum],
        unit: unitOf(scale),
      },
    })),
    signals: chosen.map(({ signal }) => signal),
    calibrations: chosen.map(({ signal, scale }) => calibrationOf(signal, scale)),
    samplesPerRecord,
    sampleRate,
    leftOut: selection.leftOut(),
  };
}
