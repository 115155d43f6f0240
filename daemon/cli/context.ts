import type { Readable } from 'node:stream';

/** A stream that text goes to. */
export interface TextOutput {
  readonly isTTY: boolean;
  readonly columns: number;
  /** True where it leads to the journal of systemd. */
  readonly journal?: boolean;
  write(text: string): void;
}

/** What a command gets from the process it runs in. Only `daemon/main.ts` knows more. */
export interface CliContext {
  readonly version: string;
  /** Results. */
  readonly stdout: TextOutput;
  /** Everything said while working on them: log, progress, errors. */
  readonly stderr: TextOutput;
  /** Opened when it is asked for: a program that does not read its input leaves it alone. */
  readonly stdin: () => Readable;
  /** Where relative paths on the command line count from. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by SIGINT or SIGTERM, and by SIGHUP where nobody listens for it: finish in good order, within seconds. */
  readonly stop: AbortSignal;
  /** Who hears each SIGHUP from now on. Left out: nobody can. */
  readonly onReload?: (listener: () => void) => void;
}
