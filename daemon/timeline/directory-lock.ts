import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChirpdError, type ErrorCode } from '../../pipelines/core/errors.js';

interface Owner {
  readonly pid: number;
  /** Tells this process from a later one with the same pid: boot id and start time in clock ticks; '' where unknown. */
  readonly process: string;
  readonly token: string;
}

/** What a directory holds, and the code of the error that it is in use. */
export interface LockPurpose {
  readonly what: string;
  readonly code: ErrorCode;
  /** What a person does about it. */
  readonly remedy: string;
}

const MAX_TRIES = 20;

/**
 * One process per directory: a file `owner.lock` names its owner. A lock whose process is gone (SIGKILL, power loss) is
 * taken over.
 */
export class DirectoryLock {
  readonly #path: string;
  readonly #owner: Owner;

  private constructor(path: string, owner: Owner) {
    this.#path = path;
    this.#owner = owner;
  }

  /**
   * @throws ChirpdError with the purpose's code where a living process has the directory; what the disk says where no
   * lock can be written and nobody has it
   */
  static take(directory: string, { what, code, remedy }: LockPurpose): DirectoryLock {
    const path = join(directory, 'owner.lock');
    const owner: Owner = { pid: process.pid, process: processIdentity(process.pid), token: randomUUID() };
    const mine = `${path}.${owner.token}`;
    const check = (holder: Owner): void => {
      if (!isAlive(holder)) return;
      throw new ChirpdError(code, `${what} ${directory} is in use by process ${String(holder.pid)}. ${remedy}`);
    };
    try {
      writeFileSync(mine, JSON.stringify(owner));
      for (let i = 0; i < MAX_TRIES; i++) {
        if (tryLink(mine, path)) return new DirectoryLock(path, owner);
        const holder = readOwner(path);
        if (holder === undefined) continue;
        check(holder);
        removeStale(path, holder);
      }
      throw new ChirpdError(code, `Could not take the lock ${path}: other processes keep taking it`);
    } catch (error) {
      const holder = readOwner(path);
      if (!(error instanceof ChirpdError) && holder !== undefined) check(holder);
      throw error;
    } finally {
      rmSync(mine, { force: true });
    }
  }

  /** False where the lock's file is gone, or another's: the directory was emptied or replaced. */
  isHeld(): boolean {
    return readOwner(this.#path)?.token === this.#owner.token;
  }

  /** Gives the directory back; does nothing where another process has taken the lock meanwhile. */
  release(): void {
    if (this.isHeld()) rmSync(this.#path, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined where the file is gone. A file that says nothing has an owner that is dead: it was cut off while written. */
function readOwner(path: string): Owner | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    const value = JSON.parse(text) as Partial<Owner> | null;
    if (typeof value?.pid === 'number' && typeof value.process === 'string' && typeof value.token === 'string') {
      return { pid: value.pid, process: value.process, token: value.token };
    }
  } catch {
    // falls through to the dead owner
  }
  return { pid: 0, process: '', token: text };
}

function isAlive(owner: Owner): boolean {
  if (owner.pid <= 0) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return owner.process === '' || owner.process === processIdentity(owner.pid);
}

/** Two processes may find the same stale lock: the one that moves away another's fresh lock puts it back. */
function removeStale(path: string, stale: Owner): void {
  const aside = `${path}.stale-${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readOwner(aside)?.token !== stale.token) tryLink(aside, path);
  rmSync(aside, { force: true });
}

/** Linux: boot id and start time (field 22 of /proc/PID/stat, proc(5)). Elsewhere '': the pid alone must do. */
function processIdentity(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const startTicks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${startTicks}`;
  } catch {
    return '';
  }
}
