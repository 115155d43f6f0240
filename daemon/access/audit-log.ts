import { appendFileSync, renameSync, rmSync, statSync } from 'node:fs';
import type { Logger } from 'pino';
import { errorText } from '../../pipelines/core/errors.js';

/** One thing that somebody changed, or tried to. */
export interface AuditEntry {
  /** Name of the token; null where nobody is asked who they are. */
  readonly token: string | null;
  readonly role: string | null;
  /** Whose network address. */
  readonly address: string;
  /** `POST /v1/replays`, or what else happened. */
  readonly what: string;
  /** HTTP status of the answer; left out where there was no request. */
  readonly status?: number;
  /** What was asked for, as JSON, cut off where it is long. */
  readonly body?: string;
}

export interface AuditLogOptions {
  readonly file: string;
  /** Of one file. Default 10 MiB. */
  readonly maxBytes?: number;
  readonly log?: Pick<Logger, 'error'> | undefined;
}

const MAX_BYTES = 10 * 1024 * 1024;
/** `audit.jsonl.1` is the newest of the full ones. */
const N_FULL = 9;
const MAX_BODY = 4000;

/** Who acknowledged, configured and replayed what: a file that only grows, a JSON object a line. The oldest of ten files goes. */
export class AuditLog {
  readonly #options: AuditLogOptions;
  #problem = '';

  constructor(options: AuditLogOptions) {
    this.#options = options;
  }

  /** Why the newest entry is not on disk; '' while all is well. */
  get problem(): string {
    return this.#problem;
  }

  /** Written before this returns: what can be asked for in a second is far less than a disk takes. */
  add(entry: AuditEntry): void {
    const { file, log } = this.#options;
    const { body } = entry;
    const cut = body !== undefined && body.length > MAX_BODY ? { body: `${body.slice(0, MAX_BODY)}...` } : {};
    const line = `${JSON.stringify({ time: new Date().toISOString(), ...entry, ...cut })}\n`;
    try {
      this.#rotate(Buffer.byteLength(line));
      appendFileSync(file, line, { mode: 0o600 });
      this.#problem = '';
    } catch (error) {
      this.#problem = errorText(error);
      // The log has it then.
      log?.error({ ...entry, problem: this.#problem }, 'The audit log cannot be written');
    }
  }

  #rotate(nBytes: number): void {
    const { file, maxBytes = MAX_BYTES } = this.#options;
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size === 0 || size + nBytes <= maxBytes) return;
    rmSync(`${file}.${String(N_FULL)}`, { force: true });
    for (let n = N_FULL - 1; n >= 1; n--) {
      if (statSync(`${file}.${String(n)}`, { throwIfNoEntry: false })) {
        renameSync(`${file}.${String(n)}`, `${file}.${String(n + 1)}`);
      }
    }
    renameSync(file, `${file}.1`);
  }
}
