import { existsSync } from 'node:fs';
import { DirectoryLock, type LockPurpose } from '../timeline/directory-lock.js';

const PURPOSE: LockPurpose = {
  what: 'The folder of recordings',
  code: 'SINK_RECORDING_IN_USE',
  remedy: 'Stop that chirpd first, or give this one another recording.folder.',
};

/**
 * Keeps other daemons out of the folder of recordings: two that repair and delete files in one would destroy each other's.
 * The folder may come and go (a disk that is not there yet), so the lock is looked at before each new file.
 */
export class FolderLock {
  readonly #folder: string;
  #lock: DirectoryLock | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Takes the lock unless it is held; without the folder there is nothing to lock.
   * @throws ChirpdError SINK_RECORDING_IN_USE where a living process has it; what the disk says where it takes no lock
   */
  hold(): void {
    if (this.#lock?.isHeld() === true || !existsSync(this.#folder)) return;
    this.#lock = DirectoryLock.take(this.#folder, PURPOSE);
  }

  release(): void {
    this.#lock?.release();
  }
}
