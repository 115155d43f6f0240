import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The built program. */
const MAIN = fileURLToPath(new URL('../../dist/daemon/main.js', import.meta.url));
const READY_TIMEOUT_MS = 90_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** From the start to the end of the process. */
  readonly milliseconds: number;
}

export interface DaemonProcessOptions {
  readonly wrapper?: readonly string[];
  /** For Node itself, before the program. */
  readonly nodeArguments?: readonly string[];
}

/** A line of `--log-json`. */
export interface LogLine {
  /** 30 info, 40 warning, 50 error. */
  readonly level: number;
  readonly msg: string;
  readonly text: string;
}

const living = new Set<ChildProcess>();
// A test that fails or runs out of time leaves no daemon behind.
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** The built `chirpd`, run as a person runs it. */
export class DaemonProcess {
  /** Everything that it wrote has been read, too. */
  readonly exited: Promise<Exit>;
  /** The process is gone; a child of it may still hold its outputs open. */
  readonly gone: Promise<Exit>;
  readonly pid: number;
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;

  /**
   * @param args of the command line, such as `run`, `--config`, FILE
   * @param options `wrapper`: a program, with its first arguments, that executes the daemon in its own place
   */
  constructor(args: readonly string[], options: DaemonProcessOptions = {}) {
    if (!existsSync(MAIN)) throw new Error('chirpd is not built: "npm run build" first');
    const startMs = performance.now();
    const [command, ...before] = [...(options.wrapper ?? []), process.execPath];
    const child = spawn(command, [...before, ...(options.nodeArguments ?? []), MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid === undefined) throw new Error('chirpd could not be started');
    this.pid = child.pid;
    this.#child = child;
    living.add(child);
    child.stdout.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    const closed = once(child, 'close');
    this.gone = once(child, 'exit').then((values) => {
      living.delete(child);
      const [code, signal] = values as [number | null, NodeJS.Signals | null];
      return { code, signal, milliseconds: performance.now() - startMs };
    });
    this.exited = closed.then(() => this.gone);
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The address that it prints when everything runs; undefined if it exits before. */
  async address(): Promise<string | undefined> {
    const deadlineMs = performance.now() + READY_TIMEOUT_MS;
    for (;;) {
      const found = /Open the board: (http:\S+)/.exec(this.stdout)?.[1];
      if (found !== undefined) return found;
      if (this.hasExited) return undefined;
      if (performance.now() > deadlineMs) throw new Error(`chirpd is not ready:\n${this.stderr}`);
      await sleep(5);
    }
  }

  /** As `address`, for a daemon that nobody stops meanwhile. */
  async ready(): Promise<string> {
    const address = await this.address();
    if (address === undefined) throw new Error(`chirpd exited before it was ready:\n${this.stderr}`);
    return address;
  }

  /** Lines of its log so far; it runs with `--log-json`. */
  log(): readonly LogLine[] {
    const lines = this.stderr.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
    return lines.map((text) => ({ ...(JSON.parse(text) as Omit<LogLine, 'text'>), text }));
  }

  /** Warnings and errors that it logged, and whatever else it said on stderr. */
  complaints(): readonly string[] {
    const others = this.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
    return [...others, ...this.log().flatMap(({ level, text }) => (level >= 40 ? text : []))];
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async kill(): Promise<Exit> {
    if (!this.hasExited) this.signal('SIGKILL');
    return this.exited;
  }

  /** The process that runs the model now, if there is one. */
  inferencePid(): number | undefined {
    return childPids(this.pid).find((pid) => commandLine(pid).includes('inference-process'));
  }

  /** Waits for an inference process other than `known`. */
  async nextInferencePid(known?: number): Promise<number> {
    const deadlineMs = performance.now() + READY_TIMEOUT_MS;
    while (!this.hasExited && performance.now() < deadlineMs) {
      const pid = this.inferencePid();
      if (pid !== undefined && pid !== known) return pid;
      await sleep(2);
    }
    throw new Error(`there is no inference process:\n${this.stderr}`);
  }
}

function childPids(pid: number): readonly number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const text = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')).join(' ');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
