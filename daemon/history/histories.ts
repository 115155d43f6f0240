import { readdir, rmdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProfileName } from '../../pipelines/core/profile.js';
import { errorText } from '../../pipelines/core/errors.js';
import type { Logger } from '../log.js';
import type { BedHistory } from '../protocol/messages.js';
import { bedFolderName } from '../recording/file-name.js';
import { BedStore } from './bed-store.js';
import { ifThere, isHourFileName } from './hour-file.js';

export interface HistoriesOptions {
  /** Each bed has a folder of its own in it. */
  readonly folder: string;
  /** Stream time that is kept; 0: none is, and what there was is deleted. */
  readonly hours: number;
  readonly beds: readonly { readonly name: string; readonly profiles: readonly ProfileName[] }[];
  readonly log: Pick<Logger, 'info' | 'error'>;
}

const SWEEP_MS = 3_600_000;
const HOUR_MS = 3_600_000;

/** The histories of all beds of the config. */
export class Histories {
  readonly #options: HistoriesOptions;
  readonly #stores = new Map<string, BedStore>();
  /** Of each bed whose history the disk refuses, why. */
  readonly #problems = new Map<string, string>();
  #reading: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HistoriesOptions) {
    this.#options = options;
    for (const bed of options.beds) this.add(bed);
  }

  /** Another bed, or one that has been removed and has other profiles now. */
  add({ name, profiles }: HistoriesOptions['beds'][number]): void {
    const { folder, hours, log } = this.#options;
    if (hours === 0) return;
    const onState = (problem: string): void => {
      if (problem === '') this.#problems.delete(name);
      else this.#problems.set(name, problem);
      if (problem === '') log.info({ bed: name }, 'The history is written again');
      else log.error({ bed: name, problem }, 'The history is not written; trying again');
    };
    const profile = profiles[0]!;
    this.#stores.set(name, new BedStore({ folder: join(folder, bedFolderName(name)), profile, hours, onState }));
  }

  /** Writes what there is of a bed that is gone; what is on disk goes with time. */
  async remove(name: string): Promise<void> {
    const store = this.#stores.get(name);
    this.#stores.delete(name);
    await store?.stop();
    this.#problems.delete(name);
  }

  async start(): Promise<void> {
    await this.#sweep();
    this.#timer = setInterval(() => void this.#sweep(), SWEEP_MS).unref();
  }

  /** By the name of the bed; undefined for the bed of a replay, and where histories are off. */
  find(bed: string): BedStore | undefined {
    return this.#stores.get(bed);
  }

  /** As `BedStore.read`, one at a time: many boards that open together take no more memory, nor more of the main loop. */
  read(bed: string, store: BedStore, hours: number, maxColumns: number): Promise<BedHistory> {
    const answer = this.#reading.then(async () => ({ ...(await store.read(hours, maxColumns)), bed }));
    this.#reading = answer.catch(() => undefined);
    return answer;
  }

  /** Of each bed whose history is not written, why. */
  problems(): readonly { readonly bed: string; readonly problem: string }[] {
    return Array.from(this.#problems, ([bed, problem]) => ({ bed, problem }));
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#stores.values()].map((store) => store.stop()));
  }

  /** Deletes what was written longer ago than is kept: of beds that are silent, or gone from the config. */
  async #sweep(): Promise<void> {
    const { folder, hours, log } = this.#options;
    const beforeMs = Date.now() - hours * HOUR_MS;
    try {
      for (const bed of (await ifThere(readdir(folder))) ?? []) await sweepBed(join(folder, bed), beforeMs);
    } catch (error) {
      log.error({ problem: errorText(error) }, 'Old parts of the history cannot be deleted');
    }
  }
}

async function sweepBed(folder: string, beforeMs: number): Promise<void> {
  const names = await readdir(folder);
  const old: string[] = [];
  for (const name of names.filter(isHourFileName)) {
    const path = join(folder, name);
    if (((await ifThere(stat(path)))?.mtimeMs ?? Infinity) <= beforeMs) old.push(path);
  }
  for (const path of old) await ifThere(unlink(path));
  if (old.length > 0 && old.length === names.length) await rmdir(folder);
}
