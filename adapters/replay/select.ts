import { classifyLabels, isScalpLabel, type SignalLabel } from '../../pipelines/core/labels.js';
import type { LeftOutChannel } from '../../pipelines/core/signal.js';
import { microvoltsPerUnit } from './units.js';

/** What decides whether a signal of a recording is streamed. */
export interface SelectableSignal {
  readonly label: string;
  /** Physical dimension as the source writes it; undefined where it does not say. */
  readonly unit: string | undefined;
  /** Microvolts in one unit, where that does not follow from `unit`. */
  readonly scale?: number;
  /** Why it cannot be streamed even if it is EEG. */
  readonly unusable?: string;
}

/** Which signals a person wants, as every replay's options have it. */
export interface SelectionOptions {
  /** Labels, as the source writes them or canonical: these and no others, in any unit of voltage. */
  readonly channels: 'auto' | 'all' | readonly string[];
  readonly exclude: readonly string[];
}

/** A signal that may be streamed. */
export interface Candidate<Signal> {
  readonly signal: Signal;
  readonly label: SignalLabel;
  /** Microvolts in one unit of the signal. */
  readonly scale: number;
}

/** Chooses the EEG among the signals of a recording, and keeps why each of the others is left out. */
export class EegSelection<Signal extends SelectableSignal> {
  candidates: readonly Candidate<Signal>[];
  readonly #signals: readonly Signal[];
  readonly #reasons = new Map<Signal, string>();

  /**
   * Scalp electrodes and derivations, if there are any; in a recording without them (depth electrodes, numbered
   * channels) every voltage that its label does not call something else.
   */
  constructor(signals: readonly Signal[], { channels, exclude }: SelectionOptions) {
    this.#signals = signals;
    const labels = classifyLabels(signals.map((signal) => signal.label));
    const excluded = new Set(exclude.map((label) => label.toUpperCase()));
    const wanted = typeof channels === 'string' ? undefined : new Set(channels.map((label) => label.toUpperCase()));
    const isIn = (set: ReadonlySet<string>, signal: Signal, label: SignalLabel): boolean =>
      set.has(signal.label.toUpperCase()) || set.has(label.label.toUpperCase());
    let candidates: Candidate<Signal>[] = [];
    signals.forEach((signal, i) => {
      const label = labels[i] as SignalLabel;
      const scale = signal.scale ?? (signal.unit === undefined ? undefined : microvoltsPerUnit(signal.unit));
      if (isIn(excluded, signal, label)) {
        this.leaveOut(signal, 'excluded by option');
      } else if (wanted !== undefined && !isIn(wanted, signal, label)) {
        this.leaveOut(signal, 'not among the labels of option channels');
      } else if (scale === undefined) {
        const why =
          signal.unit === undefined
            ? 'its unit is not stated; option unit says what it is'
            : `its unit ${JSON.stringify(signal.unit)} is not a voltage`;
        this.leaveOut(signal, why);
      } else if (wanted === undefined && label.kind === 'other' && label.modality !== 'unknown') {
        this.leaveOut(signal, `not EEG by its label (${label.modality})`);
      } else if (signal.unusable !== undefined) {
        this.leaveOut(signal, signal.unusable);
      } else {
        candidates.push({ signal, label, scale });
      }
    });
    if (channels === 'auto' && candidates.some(({ label }) => isScalpLabel(label))) {
      for (const { signal, label } of candidates) {
        if (label.kind !== 'other') continue;
        this.leaveOut(
          signal,
          'its label is no 10-20 or 10-10 electrode or derivation; option channels: all streams it too',
        );
      }
      candidates = candidates.filter(({ label }) => label.kind !== 'other');
    }
    this.candidates = candidates;
  }

  leaveOut(signal: Signal, reason: string): void {
    this.#reasons.set(signal, reason);
  }

  /** Keeps the first signal of each label. @param describe names the signal that is streamed, for the reason */
  keepFirstOfEachLabel(describe: (signal: Signal) => string): void {
    const taken = new Map<string, Signal>();
    this.candidates = this.candidates.filter(({ signal, label }) => {
      const same = taken.get(label.label);
      if (same !== undefined) {
        this.leaveOut(signal, `second signal named ${label.label}; ${describe(same)} is streamed`);
        return false;
      }
      taken.set(label.label, signal);
      return true;
    });
  }

  /** Every signal that is not streamed, in the source's order. */
  leftOut(): readonly LeftOutChannel[] {
    return this.#signals.flatMap((signal) => {
      const reason = this.#reasons.get(signal);
      return reason === undefined ? [] : [{ sourceLabel: signal.label, reason }];
    });
  }

  /** The first reasons in one line, for the message that nothing is left. */
  whyNothing(): string {
    return this.leftOut()
      .slice(0, 8)
      .map(({ sourceLabel, reason }) => `${JSON.stringify(sourceLabel)}: ${reason}`)
      .join('; ');
  }
}
