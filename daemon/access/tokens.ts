import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { errorText } from '../../pipelines/core/errors.js';
import { fileStamp } from '../file-stamp.js';
import { replaceFile } from '../replace-file.js';
import { findToken, readTokenFile, type TokenEntry } from './token-file.js';

const LOOK_EVERY_MS = 500;

/** The days on which tokens were last used lie beside the tokens file: the daemon never writes into the file itself. */
export function useFileOf(tokensFile: string): string {
  return `${tokensFile}.used`;
}

/** Days on which tokens were last used (UTC, `2026-11-28`) by their hashes; nothing where that is not known. */
export function readUse(tokensFile: string): Readonly<Record<string, string>> {
  try {
    return JSON.parse(readFileSync(useFileOf(tokensFile), 'utf8')) as Readonly<Record<string, string>>;
  } catch {
    return {};
  }
}

/**
 * The tokens as their file says, while the daemon runs: it is looked at twice a second. A file that cannot be used leaves the
 * tokens that were known in force; one that is gone has none.
 */
export class Tokens {
  readonly file: string;
  readonly #log: Pick<Logger, 'info' | 'warn' | 'error'> | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #use: Record<string, string>;
  #entries: readonly TokenEntry[];
  #stamp: string;
  #problem = '';
  #isUseNew = false;
  #timer: NodeJS.Timeout | undefined;

  /** @throws ChirpdError CONFIG_TOKENS_FILE where it cannot be used at the start */
  constructor(file: string, log?: Pick<Logger, 'info' | 'warn' | 'error'>) {
    this.file = file;
    this.#log = log;
    this.#stamp = fileStamp(file);
    this.#entries = readTokenFile(file);
    this.#use = { ...readUse(file) };
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.look();
    }, LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#keepUse();
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Why the file as it is now is not in force; '' while it is. */
  get problem(): string {
    return this.#problem;
  }

  /** Calls back after each change. */
  listen(listener: () => void): void {
    this.#listeners.add(listener);
  }

  find(token: string): TokenEntry | undefined {
    return findToken(this.#entries, token);
  }

  /** The token with this hash. */
  byHash(sha256: string): TokenEntry | undefined {
    return this.#entries.find((entry) => entry.sha256 === sha256);
  }

  /** Notes that a token is used today. */
  used({ sha256 }: TokenEntry): void {
    const day = new Date().toISOString().slice(0, 10);
    if (this.#use[sha256] === day) return;
    this.#use[sha256] = day;
    this.#isUseNew = true;
  }

  /** Takes over what has changed since the last look. */
  look(): void {
    this.#keepUse();
    const stamp = fileStamp(this.file);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    try {
      this.#take(readTokenFile(this.file));
      this.#problem = '';
    } catch (error) {
      this.#problem = errorText(error);
      this.#log?.error({ problem: this.#problem }, 'Tokens refused; those that were known stay in force');
    }
  }

  #take(entries: readonly TokenEntry[]): void {
    const before = this.#entries;
    this.#entries = entries;
    const known = (list: readonly TokenEntry[], { sha256, role, name }: TokenEntry): boolean =>
      list.some((entry) => entry.sha256 === sha256 && entry.role === role && entry.name === name);
    for (const entry of before) {
      if (!known(entries, entry)) this.#log?.info({ token: entry.name, role: entry.role }, 'Token removed');
    }
    for (const entry of entries) {
      if (!known(before, entry)) this.#log?.info({ token: entry.name, role: entry.role }, 'Token added');
    }
    for (const listener of this.#listeners) listener();
  }

  #keepUse(): void {
    if (!this.#isUseNew) return;
    this.#isUseNew = false;
    const kept = Object.entries(this.#use).filter(([sha256]) => this.byHash(sha256) !== undefined);
    try {
      replaceFile(useFileOf(this.file), `${JSON.stringify(Object.fromEntries(kept), undefined, 2)}\n`);
    } catch (error) {
      // Nobody depends on it: the folder may be one that the daemon may only read.
      this.#log?.warn({ problem: errorText(error) }, 'Cannot note when tokens were used');
    }
  }
}
