import { join } from 'node:path';
import { isLiveKind } from '../../adapters/registry.js';
import { errorText } from '../../pipelines/core/errors.js';
import type { BedConfig } from '../config/schema.js';
import type { Logger } from '../log.js';
import { bedFolderName } from '../recording/file-name.js';
import { BedJournal } from './bed-journal.js';
import type { JournalContent } from './read-journal.js';

export interface JournalsOptions {
  /** Each bed has a folder of its own in it. */
  readonly folder: string;
  /** Stream time that is kept, at least; 0: no journals. */
  readonly minutes: number;
  readonly log: Pick<Logger, 'info' | 'error'>;
}

/** A bed's journal, and what an earlier process left in it. */
export interface OpenJournal {
  readonly journal?: BedJournal;
  readonly before?: JournalContent;
}

/** The journals of all beds with a live device. A file or generator begins anew by itself, and gives the same again. */
export class Journals {
  readonly #options: JournalsOptions;
  readonly #journals = new Map<string, BedJournal>();

  constructor(options: JournalsOptions) {
    this.#options = options;
  }

  /** Call it once for each bed that runs. A journal that cannot be read is told, and counts as none. */
  async open({ name, adapter, profiles }: BedConfig): Promise<OpenJournal> {
    const { folder, minutes, log } = this.#options;
    if (minutes === 0 || !isLiveKind(adapter.kind)) return {};
    const journal = new BedJournal({
      folder: join(folder, bedFolderName(name)),
      source: adapter,
      profiles,
      keepSeconds: minutes * 60,
      onState: (problem) => {
        if (problem === '') log.info({ bed: name }, 'The journal is written again');
        else log.error({ bed: name, problem }, 'The journal is not written; trying again');
      },
    });
    this.#journals.set(name, journal);
    try {
      const before = await journal.read();
      return { journal, ...(before && { before }) };
    } catch (error) {
      log.error({ bed: name, problem: errorText(error) }, 'The journal cannot be read: the bed begins anew');
      return { journal };
    }
  }

  /** Of each bed whose journal is not written now, why. */
  problems(): readonly { readonly bed: string; readonly problem: string }[] {
    return [...this.#journals].map(([bed, { problem }]) => ({ bed, problem })).filter(({ problem }) => problem !== '');
  }

  /** By the name of the bed. */
  find(bed: string): BedJournal | undefined {
    return this.#journals.get(bed);
  }

  /** A bed has stopped, and another may take its journal up, or its stream has ended. Resolves when all is on disk. */
  async close(bed: string, what: 'stopped' | 'ended'): Promise<void> {
    const journal = this.#journals.get(bed);
    this.#journals.delete(bed);
    await (what === 'ended' ? journal?.end() : journal?.stop());
  }

  /** Writes what waits, and resolves when it is on disk. */
  async stop(): Promise<void> {
    await Promise.all([...this.#journals.values()].map((journal) => journal.stop()));
  }
}
