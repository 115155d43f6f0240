import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

/** Why there can be no small disk; false where there can. */
export const smallDiskMissing: string | false = canMount() ? false : 'needs the right to mount a tmpfs';

/** A file system of its own that can be filled up. */
export class SmallDisk {
  readonly folder: string;

  constructor(t: Test, megabytes: number) {
    this.folder = mkdtempSync(join(tmpdir(), 'chirpd-disk-'));
    t.teardown(() => {
      spawnSync('umount', ['-l', this.folder]);
      rmSync(this.folder, { recursive: true, force: true });
    });
    if (!mount(this.folder, megabytes)) throw new Error('no tmpfs can be mounted');
  }

  /** Leaves not one byte. */
  fill(): void {
    const file = openSync(join(this.folder, 'filler'), 'w');
    try {
      for (let size = 1 << 20; size >= 1;) {
        try {
          if (writeSync(file, Buffer.alloc(size)) < size) size >>= 1;
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          size >>= 1;
        }
      }
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(join(this.folder, 'filler'));
  }
}

function mount(folder: string, megabytes: number): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${String(megabytes)}m`, 'none', folder]).status === 0;
}

function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-disk-'));
  const isMounted = mount(folder, 1);
  if (isMounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
  return isMounted;
}
