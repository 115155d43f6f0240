import type { Channel } from '../core/signal.js';
import { canonicalLabel, classifyLabels, type SignalLabel } from '../core/labels.js';

/** Fewest derivations against one electrode that make it the recording's reference. */
const MINIMUM_REFERRED = 4;

/** Where a stream's channels hold electrodes and derivations: index of the first channel of each name. */
export class ElectrodeMap {
  readonly labels: readonly SignalLabel[];
  /** Channel by electrode, measured against one common reference. */
  readonly electrodes: ReadonlyMap<string, number>;
  /** Channel by recorded derivation. */
  readonly derivations: ReadonlyMap<string, number>;
  /** Channel by name: its label, canonical or not, or the source's own, in lower case. */
  readonly #names = new Map<string, number>();

  constructor(channels: readonly Channel[]) {
    this.labels = classifyLabels(channels.map(({ label }) => label));
    const reference = commonReference(this.labels);
    const electrodes = new Map<string, number>();
    const derivations = new Map<string, number>();
    this.labels.forEach((label, index) => {
      if (label.kind === 'electrode') addFirst(electrodes, label.label, index);
      if (label.kind === 'derivation') {
        addFirst(derivations, label.label, index);
        if (label.negative === reference) addFirst(electrodes, label.positive, index);
      }
    });
    this.electrodes = electrodes;
    this.derivations = derivations;
    channels.forEach(({ label }, index) => addFirst(this.#names, label.toLowerCase(), index));
    this.labels.forEach(({ label }, index) => addFirst(this.#names, label.toLowerCase(), index));
    channels.forEach(({ sourceLabel }, index) => addFirst(this.#names, sourceLabel.trim().toLowerCase(), index));
  }

  /** The channel that a person means by `name`: `F7`, `T3`, `F7-T7`, `EEG F7-Ref`, `LA1`. */
  named(name: string): number | undefined {
    return this.#names.get(name.trim().toLowerCase()) ?? this.#names.get(canonicalLabel(name).toLowerCase());
  }
}

/** The electrode against which more than half of the derivations are recorded: such a recording is referential. */
function commonReference(labels: readonly SignalLabel[]): string | undefined {
  const counts = new Map<string, number>();
  let nDerivations = 0;
  for (const label of labels) {
    // Electrodes without a named reference may have another one: the two kinds do not go together.
    if (label.kind === 'electrode') return undefined;
    if (label.kind !== 'derivation') continue;
    nDerivations++;
    counts.set(label.negative, (counts.get(label.negative) ?? 0) + 1);
  }
  for (const [electrode, n] of counts) if (n >= MINIMUM_REFERRED && 2 * n > nDerivations) return electrode;
  return undefined;
}

function addFirst(map: Map<string, number>, name: string, index: number): void {
  if (!map.has(name)) map.set(name, index);
}
