import { join } from 'node:path';
import type { ConfigInput } from '../../daemon/config/schema.js';
import { type BedInput, writeConfig } from './config-file.js';
import { copyPiece, hasRecordings, RECORDINGS } from './recording-piece.js';

/** Two derivations a bed keep the model's share small: a second of a daemon's life shows half a minute of EEG. */
const MONTAGE = ['F7-T7', 'T7-P7'];

type Source = Pick<BedInput, 'adapter' | 'montage'>;

/** Told early and often: more events in a short life. */
const DETECTION: NonNullable<ConfigInput['detection']> = { presence: 0.25, confirmSteps: 1 };

/** Writes configs for a daemon that has much to tell: two real recordings and a generated one at full speed. */
export class BusyBeds {
  readonly #folder: string;
  readonly #sources: readonly Source[];

  constructor(folder: string) {
    this.#folder = folder;
    this.#sources = [...(hasRecordings ? recordings(folder) : [synthetic(2), synthetic(4)]), synthetic(3)];
  }

  /**
   * Writes a config and gives its path.
   * @param group in the beds' names: beds of another group have events of their own
   */
  config(group: number, speed: number | 'max'): string {
    const beds = this.#sources.map((source, i): BedInput => ({
      name: `${'abc'[i]!}-${group}`,
      speed,
      ...source,
    }));
    return writeConfig(this.#folder, `group-${group}-${speed}`, { beds, detection: DETECTION });
  }
}

function recordings(folder: string): readonly Source[] {
  const [icu, tle] = [join(folder, 'icu.edf'), join(folder, 'tle.edf')];
  copyPiece(RECORDINGS.icu, 10, 50, icu);
  copyPiece(RECORDINGS.tle, 350, 450, tle);
  return [icu, tle].map((path) => ({ adapter: { kind: 'edf', path }, montage: MONTAGE }));
}

function synthetic(seed: number): Source {
  const startTimeMicros = 1_700_000_000_000_000;
  const adapter = {
    kind: 'synthetic',
    seed,
    nChannels: 2,
    sampleRate: 128,
    startTimeMicros,
    durationSeconds: 300,
  } as const;
  return { adapter, montage: ['Fp1-Fp2'] };
}
