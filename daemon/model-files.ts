import { errorText } from '../pipelines/core/errors.js';
import { fileStamp } from './file-stamp.js';

const LOOK_EVERY_MS = 2000;

export interface ModelFilesOptions {
  /** Those of the model that runs. */
  readonly files: readonly string[];
  /** Reads them again. @throws Error where they are not what they should be */
  readonly check: () => void;
  /** What is wrong has changed. */
  readonly onChange: () => void;
}

/**
 * Watches the files of a model that runs. What runs lies in memory; the files are needed again when its process is replaced
 * or the daemon is started anew, and that is no time to find out that they are damaged.
 */
export class ModelFiles {
  readonly #options: ModelFilesOptions;
  #stamps: string;
  #problem = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ModelFilesOptions) {
    this.#options = options;
    this.#stamps = this.#read();
  }

  /** What is wrong with them; '' where nothing is. */
  get problem(): string {
    return this.#problem;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#look();
    }, LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #read(): string {
    return this.#options.files.map(fileStamp).join('\n');
  }

  #look(): void {
    const stamps = this.#read();
    if (stamps === this.#stamps) return;
    this.#stamps = stamps;
    const before = this.#problem;
    try {
      this.#options.check();
      this.#problem = '';
    } catch (error) {
      this.#problem = errorText(error);
    }
    if (this.#problem !== before) this.#options.onChange();
  }
}
