import { join } from 'node:path';
import type { ConfigInput } from '../../daemon/config/schema.js';
import { type BedInput, writeConfig } from './config-file.js';
import { copyPiece, hasRecordings, RECORDINGS } from './recording-piece.js';

/** Three derivations a bed keep the model's share small: a few seconds of a daemon's life show minutes of EEG. */
const MONTAGE = ['F7-T7', 'T7-P7', 'F8-T8'];

/** Told early and often: more events in a short life. */
const DETECTION: NonNullable<ConfigInput['detection']> = { presence: 0.25, confirmSteps: 1 };

/** Writes configs for a daemon that has much to tell: two real recordings and a generated one at full speed. */
export class BusyBeds {
  readonly #folder: string;
  readonly #sources: readonly BedInput['adapter'][];

  constructor(folder: string) {
    this.#folder = folder;
    this.#sources = [...(hasRecordings ? recordings(folder) : [synthetic(2), synthetic(4)]), synthetic(3)];
  }

  /** @param group in the beds' names: beds of another group have events of their own. */
  config(group: number, speed: number | 'max'): { readonly path: string; readonly beds: readonly string[] } {
    const beds = this.#sources.map((adapter, i): BedInput => ({
      name: `${'abc'[i]!}-${group}`,
      speed,
      montage: MONTAGE,
      adapter,
    }));
    const path = writeConfig(this.#folder, `group-${group}-${speed}`, { beds, detection: DETECTION });
    return { path, beds: beds.map(({ name }) => name) };
  }
}

function recordings(folder: string): readonly BedInput['adapter'][] {
  const [icu, tle] = [join(folder, 'icu.edf'), join(folder, 'tle.edf')];
  copyPiece(RECORDINGS.icu, 10, 50, icu);
  copyPiece(RECORDINGS.tle, 350, 450, tle);
  return [icu, tle].map((path) => ({ kind: 'edf', path }));
}

function synthetic(seed: number): BedInput['adapter'] {
  return { kind: 'synthetic', seed, startTimeMicros: 1_700_000_000_000_000 + seed, durationSeconds: 300 };
}
