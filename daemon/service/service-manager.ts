import { execFile } from 'node:child_process';
import type { Logger } from 'pino';

/** The program of the Debian package `systemd` that says something to the service manager. */
const PROGRAM = 'systemd-notify';
/** It waits until the service manager has read what it was told; a manager that takes longer has not. */
const TELL_TIMEOUT_MS = 10_000;

export interface ServiceManagerOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly log: Pick<Logger, 'warn'>;
  /** In place of systemd-notify. */
  readonly program?: string;
}

/** What may be told: `READY`, `STATUS`, `STOPPING`, `WATCHDOG` and others of sd_notify(3). */
export type Notice = Readonly<Record<string, string>>;

/**
 * The service manager that started the daemon (`$NOTIFY_SOCKET`), told by `systemd-notify`: one process for each
 * notice, one at a time and in order. README.md says why.
 */
export class ServiceManager {
  readonly #options: ServiceManagerOptions;
  #telling: Promise<boolean> = Promise.resolve(true);
  #hasFailed = false;

  private constructor(options: ServiceManagerOptions) {
    this.#options = options;
  }

  /** Undefined where nobody listens: the daemon was started by a person. */
  static of(options: ServiceManagerOptions): ServiceManager | undefined {
    return options.env['NOTIFY_SOCKET'] ? new ServiceManager(options) : undefined;
  }

  /** Within this time it wants to hear `WATCHDOG=1`, or it kills the daemon; undefined where it does not watch. */
  get watchdogMs(): number | undefined {
    const { env, pid } = this.#options;
    const owner = env['WATCHDOG_PID'];
    if (owner !== undefined && owner !== String(pid)) return undefined;
    const micros = Number(env['WATCHDOG_USEC']);
    return micros > 0 && Number.isFinite(micros) ? micros / 1000 : undefined;
  }

  /** Resolves with whether the service manager has it; never rejects. */
  tell(notice: Notice): Promise<boolean> {
    this.#telling = this.#telling.then(() => this.#run(notice));
    return this.#telling;
  }

  #run(notice: Notice): Promise<boolean> {
    const { program = PROGRAM, env } = this.#options;
    // A line break would begin another field.
    const args = Object.entries(notice).map(([name, value]) => `${name}=${value.replaceAll(/\s+/g, ' ').trim()}`);
    return new Promise((resolve) => {
      execFile(program, args, { env, timeout: TELL_TIMEOUT_MS, killSignal: 'SIGKILL' }, (error) => {
        if (error !== null && !this.#hasFailed) {
          this.#options.log.warn(
            { error: error.message },
            `The service manager cannot be told: is ${program} installed (Debian: package systemd)?`,
          );
        }
        this.#hasFailed = error !== null;
        resolve(error === null);
      });
    });
  }
}
