import { open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { Logger } from 'pino';
import { errorText } from '../../pipelines/core/errors.js';
import { recordedBed } from '../protocol/recorded-bed.js';
import { bedFolderName, isRecordingName } from '../recording/file-name.js';
import type { Recorder, RecorderFile } from '../recording/recorder.js';
import type { Timeline } from '../timeline/timeline.js';
import type { LabelBook } from './label-book.js';
import { LABEL_TABLE_HEADER, labelTable } from './label-table.js';
import { withEventNow } from './told-labels.js';

export interface LabelSidecarsOptions {
  readonly book: LabelBook;
  readonly timeline: Pick<Timeline, 'byKey' | 'listen'>;
  readonly recorder: Pick<Recorder, 'allOf' | 'file'>;
  /** Of all recordings. */
  readonly folder: string;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** After a change, and after a disk has refused. Default 200 and 5000. */
  readonly waitMs?: number;
  readonly retryMs?: number;
}

const WAIT_MS = 200;
const RETRY_MS = 5000;
const ENDING = '_events.tsv';

/**
 * Keeps a table beside each recording of which somebody has labelled something, and none beside the others. What the disk
 * refuses is tried again.
 */
export class LabelSidecars {
  readonly #options: LabelSidecarsOptions;
  /** By path of the recording: the bed that was recorded. */
  readonly #waiting = new Map<string, string>();
  /** In which recordings each label stands, by its id. */
  readonly #places = new Map<string, readonly string[]>();
  /** Files of other people at the place of a table: said once. */
  readonly #foreign = new Set<string>();
  #unlisten: readonly (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isFailing = false;

  constructor(options: LabelSidecarsOptions) {
    this.#options = options;
  }

  /** Brings all tables up to date, also with what was said while the disk refused or no daemon ran. Call it when the recorder runs. */
  async start(): Promise<void> {
    const { book, timeline, recorder } = this.#options;
    this.#unlisten = [
      book.listen(({ bed }) => {
        this.#look(recordedBed(bed));
      }),
      timeline.listen((messages) => {
        for (const message of messages) {
          if (message.type === 'event' && book.isLabelled(message.id)) this.#look(recordedBed(message.bed));
        }
      }),
    ];
    const beds = book.beds();
    const folders = new Map(Array.from(beds, (bed) => [bedFolderName(bed), bed]));
    for (const path of await this.#tables()) {
      const recording = recordingOf(path);
      // Of a table without a label nobody knows the bed, nor needs to.
      this.#want(recording, folders.get(basename(dirname(path))) ?? '');
    }
    for (const bed of beds) {
      for (const { path } of recorder.allOf(bed)) this.#want(path, bed);
    }
  }

  /** A recording was begun, ended or deleted. */
  fileChanged(path: string): void {
    const folder = basename(dirname(path));
    const bed = Array.from(this.#options.book.beds()).find((name) => bedFolderName(name) === folder);
    const isListed = Array.from(this.#places.values()).some((paths) => paths.includes(path));
    if (bed !== undefined || isListed) this.#want(path, bed ?? '');
  }

  async stop(): Promise<void> {
    for (const unlisten of this.#unlisten) unlisten();
    clearTimeout(this.#timer);
    await this.#write();
  }

  /** Whether a table of a bed may have to change: where its labels lie, and where labels lay that are over. */
  #look(bed: string): void {
    const { book, recorder } = this.#options;
    const files = recorder.allOf(bed);
    const labels = book.ofBed(bed);
    const inForce = new Set(labels.map(({ id }) => id));
    const own = new Set(files.map(({ path }) => path));
    for (const [id, paths] of this.#places) {
      if (!inForce.has(id)) for (const path of paths) if (own.has(path)) this.#want(path, bed);
    }
    for (const file of files) if (labels.some((label) => overlaps(file, label))) this.#want(file.path, bed);
  }

  #want(path: string, bed: string): void {
    this.#waiting.set(path, bed);
    this.#timer ??= setTimeout(() => void this.#write(), this.#options.waitMs ?? WAIT_MS);
  }

  #write(): Promise<void> {
    this.#timer = undefined;
    this.#writing = this.#writing.then(async () => {
      let isFailing = false;
      for (const [path, bed] of [...this.#waiting]) {
        this.#waiting.delete(path);
        try {
          await this.#bringUpToDate(path, bed);
        } catch (error) {
          this.#failed(path, bed, error);
          isFailing = true;
        }
      }
      this.#isFailing = isFailing;
    });
    return this.#writing;
  }

  #failed(path: string, bed: string, error: unknown): void {
    const { log, retryMs = RETRY_MS } = this.#options;
    if (!this.#isFailing)
      log.error({ file: path, problem: errorText(error) }, 'Cannot write labels beside a recording');
    this.#isFailing = true;
    this.#waiting.set(path, bed);
    this.#timer ??= setTimeout(() => void this.#write(), retryMs).unref();
  }

  async #bringUpToDate(recording: string, bed: string): Promise<void> {
    const path = join(dirname(recording), basename(recording, extname(recording)) + ENDING);
    const text = this.#tableOf(recording, bed);
    const before = await readIfThere(path);
    if (before === text) return;
    if (before !== undefined && !before.startsWith(LABEL_TABLE_HEADER)) {
      this.#leave(path, text);
      return;
    }
    if (text === undefined) await unlink(path);
    else await replace(path, text);
  }

  /** What other people put there is theirs. */
  #leave(path: string, text: string | undefined): void {
    if (text === undefined || this.#foreign.has(path)) return;
    this.#foreign.add(path);
    this.#options.log.warn(
      { file: path },
      'Not written by chirpd, so left as it is: labels of its recording are not there',
    );
  }

  /** Undefined: there is to be none. */
  #tableOf(recording: string, bed: string): string | undefined {
    const { book, timeline, recorder } = this.#options;
    const file = recorder.file(recording);
    const labels =
      file === undefined || bed === '' ? [] : book.ofBed(bed).map((label) => withEventNow(timeline, label));
    const within = labels.filter((label) => file !== undefined && overlaps(file, label));
    const ids = new Set(within.map(({ id }) => id));
    for (const [id, paths] of this.#places) {
      const others = paths.filter((path) => path !== recording);
      if (!ids.has(id) && others.length === 0) this.#places.delete(id);
      else if (!ids.has(id)) this.#places.set(id, others);
    }
    for (const id of ids) this.#places.set(id, [...new Set([...(this.#places.get(id) ?? []), recording])]);
    if (file === undefined || within.length === 0) return undefined;
    return labelTable(within, { startMicros: file.startMicros, endMicros: endOf(file) });
  }

  /** Paths of tables that lie beside recordings. */
  async #tables(): Promise<readonly string[]> {
    const { folder } = this.#options;
    try {
      const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith(ENDING));
      return paths
        .filter((path) => isRecordingName(dirname(path), recordingOf(basename(path))))
        .map((path) => join(folder, path));
    } catch {
      return [];
    }
  }
}

function recordingOf(table: string): string {
  return `${table.slice(0, -ENDING.length)}.bdf`;
}

/** A file that is being written has no end yet. */
function endOf({ isOpen, endMicros }: RecorderFile): number | undefined {
  return isOpen ? undefined : endMicros;
}

function overlaps(
  file: RecorderFile,
  { onsetTimeMicros, offsetTimeMicros }: { readonly onsetTimeMicros: number; readonly offsetTimeMicros: number },
): boolean {
  return onsetTimeMicros < (endOf(file) ?? Infinity) && offsetTimeMicros > file.startMicros;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** After a crash it is the old one or the new one, whole. */
async function replace(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
