import { ChirpdError } from '../../pipelines/core/errors.js';
import { classifyLabels, isScalpLabel, type SignalLabel } from '../../pipelines/core/labels.js';
import type { Channel, LeftOutChannel } from '../../pipelines/core/signal.js';
import type { EdfHeader, EdfSignal } from './header.js';
import type { EdfOptions } from './options.js';
import { calibrationOf, type Calibration } from './samples.js';
import { microvoltsPerUnit } from './units.js';

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

interface Candidate {
  readonly signal: EdfSignal;
  readonly label: SignalLabel;
  readonly scale: number;
}

/** Samples per second; a quotient within rounding of a whole number is that number. */
export function sampleRateOf(samplesPerRecord: number, recordSeconds: number): number {
  const quotient = samplesPerRecord / recordSeconds;
  const whole = Math.round(quotient);
  return whole > 0 && Math.abs(quotient - whole) < 1e-9 * whole ? whole : quotient;
}

function mostCommonSamplesPerRecord(candidates: readonly Candidate[]): number {
  const counts = new Map<number, number>();
  for (const { signal } of candidates)
    counts.set(signal.samplesPerRecord, (counts.get(signal.samplesPerRecord) ?? 0) + 1);
  return [...counts].reduce((best, next) =>
    next[1] > best[1] || (next[1] === best[1] && next[0] > best[0]) ? next : best,
  )[0];
}

/**
 * Chooses what is streamed. Scalp electrodes and derivations are, if there are any; in a recording without them (depth
 * electrodes, numbered channels) every voltage that its label does not call something else.
 * @throws ChirpdError EDF_NO_EEG, EDF_CALIBRATION, EDF_SAMPLE_RATE
 */
export function selectSignals(header: EdfHeader, options: EdfOptions): EdfSelection {
  const { path } = options;
  const signals = header.signals.filter((signal) => !signal.isAnnotation);
  const labels = classifyLabels(signals.map((signal) => signal.label));
  const excluded = new Set(options.exclude.map((label) => label.toUpperCase()));
  const reasons = new Map<EdfSignal, string>();
  let candidates: Candidate[] = [];
  signals.forEach((signal, i) => {
    const label = labels[i] as SignalLabel;
    const scale = microvoltsPerUnit(signal.unit);
    if (excluded.has(signal.label.toUpperCase()) || excluded.has(label.label.toUpperCase())) {
      reasons.set(signal, 'excluded by option');
    } else if (scale === undefined) {
      reasons.set(signal, `its unit ${JSON.stringify(signal.unit)} is not a voltage`);
    } else if (label.kind === 'other' && label.modality !== 'unknown') {
      reasons.set(signal, `not EEG by its label (${label.modality})`);
    } else if (signal.samplesPerRecord === 0) {
      reasons.set(signal, 'it has no samples');
    } else {
      candidates.push({ signal, label, scale });
    }
  });
  if (options.channels === 'auto' && candidates.some(({ label }) => isScalpLabel(label))) {
    for (const { signal, label } of candidates) {
      if (label.kind !== 'other') continue;
      reasons.set(
        signal,
        'its label is no 10-20 or 10-10 electrode or derivation; option channels: all streams it too',
      );
    }
    candidates = candidates.filter(({ label }) => label.kind !== 'other');
  }
  const leftOut = (): LeftOutChannel[] =>
    signals.flatMap((signal) => {
      const reason = reasons.get(signal);
      return reason === undefined ? [] : [{ sourceLabel: signal.label, reason }];
    });
  if (candidates.length === 0) {
    const told = leftOut()
      .slice(0, 8)
      .map(({ sourceLabel, reason }) => `${JSON.stringify(sourceLabel)}: ${reason}`);
    const found = told.length === 0 ? 'it holds annotations only' : told.join('; ');
    throw new ChirpdError('EDF_NO_EEG', `${path}: no signal is EEG in microvolts (${found})`);
  }

  const samplesPerRecord = mostCommonSamplesPerRecord(candidates);
  const sampleRate = sampleRateOf(samplesPerRecord, header.recordSeconds);
  if (!(sampleRate >= LOWEST_SAMPLE_RATE && sampleRate <= HIGHEST_SAMPLE_RATE)) {
    const message = `${path}: ${samplesPerRecord} samples in a record of ${header.recordSeconds} s are ${sampleRate.toPrecision(3)} Hz, not between ${LOWEST_SAMPLE_RATE} Hz and ${HIGHEST_SAMPLE_RATE / 1e6} MHz. Correct the record duration in the header`;
    throw new ChirpdError('EDF_SAMPLE_RATE', message);
  }
  const taken = new Map<string, EdfSignal>();
  const chosen = candidates.filter(({ signal, label }) => {
    if (signal.samplesPerRecord !== samplesPerRecord) {
      const ownRate = Number(sampleRateOf(signal.samplesPerRecord, header.recordSeconds).toPrecision(6));
      reasons.set(signal, `sampled at ${ownRate} Hz, the stream is at ${Number(sampleRate.toPrecision(6))} Hz`);
      return false;
    }
    const same = taken.get(label.label);
    if (same !== undefined) {
      reasons.set(signal, `second signal named ${label.label}; signal ${same.index + 1} is streamed`);
      return false;
    }
    taken.set(label.label, signal);
    return true;
  });
  for (const { signal } of chosen) {
    if (signal.calibrationProblem === undefined) continue;
    const message = `${path}: signal ${signal.index + 1} (${JSON.stringify(signal.label)}) has no usable calibration: ${signal.calibrationProblem}. Correct the header, or leave the signal out with the adapter's option exclude`;
    throw new ChirpdError('EDF_CALIBRATION', message);
  }
  return {
    channels: chosen.map(({ signal, label }) => ({ label: label.label, sourceLabel: signal.label })),
    signals: chosen.map(({ signal }) => signal),
    calibrations: chosen.map(({ signal, scale }) => calibrationOf(signal, scale)),
    samplesPerRecord,
    sampleRate,
    leftOut: leftOut(),
  };
}
