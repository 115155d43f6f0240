/** What `--only` takes. */
export const FUZZ_KINDS = ['http', 'websocket', 'ingest', 'serial', 'edf', 'config', 'formats'] as const;
export type FuzzKind = (typeof FUZZ_KINDS)[number];

export interface PlannedFuzzer {
  readonly name: FuzzerName;
  readonly kind: FuzzKind;
  /** Of all inputs. */
  readonly share: number;
  /** Inputs of one seed: the next batch has the next seed. */
  readonly batch: number;
  /** About what an input takes, milliseconds: how `--minutes` is divided. */
  readonly inputMs: number;
}

export type FuzzerName =
  | 'http'
  | 'websocket'
  | 'ingest'
  | 'serial'
  | 'serial-port'
  | 'edf'
  | 'config'
  | 'brainvision'
  | 'xdf'
  | 'openbci-text'
  | 'csv';

/** Most where an input is cheap and comes from outside; least where each costs a real port or a whole file. */
export const PLAN: readonly PlannedFuzzer[] = [
  { name: 'http', kind: 'http', share: 0.1, batch: 2000, inputMs: 3 },
  { name: 'websocket', kind: 'websocket', share: 0.2, batch: 5000, inputMs: 1.2 },
  { name: 'ingest', kind: 'ingest', share: 0.05, batch: 2000, inputMs: 4 },
  { name: 'serial', kind: 'serial', share: 0.41, batch: 5000, inputMs: 1.2 },
  { name: 'serial-port', kind: 'serial', share: 0.01, batch: 1000, inputMs: 5 },
  { name: 'edf', kind: 'edf', share: 0.15, batch: 5000, inputMs: 1.5 },
  { name: 'config', kind: 'config', share: 0.04, batch: 1000, inputMs: 6 },
  { name: 'brainvision', kind: 'formats', share: 0.01, batch: 1000, inputMs: 8 },
  { name: 'xdf', kind: 'formats', share: 0.01, batch: 1000, inputMs: 8 },
  { name: 'openbci-text', kind: 'formats', share: 0.01, batch: 1000, inputMs: 8 },
  { name: 'csv', kind: 'formats', share: 0.01, batch: 1000, inputMs: 8 },
];

/** How many inputs each of the chosen fuzzers gets of `nInputs`. */
export function divided(plan: readonly PlannedFuzzer[], nInputs: number): readonly number[] {
  const total = plan.reduce((sum, { share }) => sum + share, 0);
  const counts = plan.map(({ share }) => Math.max(1, Math.floor((nInputs * share) / total)));
  const nLeft = nInputs - counts.reduce((sum, n) => sum + n, 0);
  return counts.map((n, i) => (i === 0 ? Math.max(1, n + nLeft) : n));
}
