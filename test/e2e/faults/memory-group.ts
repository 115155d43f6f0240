import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Test } from 'tap';
import { until } from '../../until.js';

interface Kind {
  readonly folder: string;
  readonly limit: string;
  readonly usage: string;
}

/** Control groups of version 2, and of version 1. */
const KINDS: readonly Kind[] = [
  { folder: '/sys/fs/cgroup', limit: 'memory.max', usage: 'memory.current' },
  { folder: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', usage: 'memory.usage_in_bytes' },
];

/** Why no group with a memory limit can be made here; false where one can. */
export const memoryGroupMissing: string | false =
  usableKind() === undefined ? 'needs the right to limit memory' : false;

function usableKind(): Kind | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return KINDS.find((kind) => {
    const folder = join(kind.folder, `chirpd-try-${String(process.pid)}`);
    try {
      mkdirSync(folder);
    } catch {
      return false;
    }
    const isUsable = existsSync(join(folder, kind.limit));
    rmdirSync(folder);
    return isUsable;
  });
}

let nGroups = 0;

/** Processes that may use so much memory together and no more, as in a service or container. */
export class MemoryGroup {
  readonly #kind: Kind;
  readonly #folder: string;
  readonly #sizeBytes: number;

  constructor(t: Test, megabytes: number) {
    const kind = usableKind();
    if (kind === undefined) throw new Error('no memory group can be made');
    this.#kind = kind;
    this.#sizeBytes = megabytes * 2 ** 20;
    this.#folder = join(kind.folder, `chirpd-${String(process.pid)}-${String(nGroups++)}`);
    mkdirSync(this.#folder);
    writeFileSync(join(this.#folder, kind.limit), String(this.#sizeBytes));
    t.teardown(() => this.#remove());
  }

  /** Puts a program, and what it starts, into the group. */
  get wrapper(): readonly string[] {
    return ['sh', '-c', `echo $$ > ${join(this.#folder, 'cgroup.procs')} && exec "$@"`, 'sh'];
  }

  /** Bytes that are not taken. */
  get freeBytes(): number {
    return this.#sizeBytes - Number(readFileSync(join(this.#folder, this.#kind.usage), 'utf8'));
  }

  async #remove(): Promise<void> {
    const isEmpty = (): boolean => readFileSync(join(this.#folder, 'cgroup.procs'), 'utf8') === '';
    await until(isEmpty, 'the end of the group', 20_000);
    rmdirSync(this.#folder);
  }
}

/** Takes so many megabytes more with each line that it is sent, and holds them. */
const HOG = `
  const held = [];
  require('node:readline').createInterface(process.stdin).on('line', (megabytes) => {
    for (let i = 0; i < Number(megabytes); i++) held.push(Buffer.alloc(2 ** 20, 1));
    console.log(held.length);
  });
`;

/** A program that takes more and more memory. */
export class Hog {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(t: Test, group: MemoryGroup) {
    const [command, ...args] = [...group.wrapper, process.execPath, '-e', HOG];
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface(this.#child.stdout!)[Symbol.asyncIterator]();
    this.#child.stdin!.on('error', () => undefined);
    t.teardown(() => this.end());
  }

  async take(megabytes: number): Promise<void> {
    this.#child.stdin!.write(`${String(megabytes)}\n`);
    await this.#lines.next();
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
