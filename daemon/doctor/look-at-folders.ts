import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config/schema.js';
import { failed, type Finding, ok, warning } from './finding.js';

const GIB = 2 ** 30;
const MIB = 2 ** 20;
/** Less is as good as full: the timeline, journals and an hour of a few recordings. */
const LEAST_BYTES = 200 * MIB;

/** Whether the daemon may write where it must, and how long there is room. */
export function lookAtFolders(dataDirectory: string, { recording, timeline }: Config): readonly Finding[] {
  return [
    lookAt('data folder', dataDirectory, timeline.keepMegabytes * MIB),
    ...(recording.folder === undefined
      ? []
      : [lookAt('recordings', recording.folder, (recording.keepGigabytes ?? 10) * GIB)]),
  ];
}

/** @param wantedBytes that it may come to need, what is there included */
function lookAt(what: string, folder: string, wantedBytes: number): Finding {
  let there = folder;
  while (!existsSync(there) && there !== dirname(there)) there = dirname(there);
  if (!statSync(there).isDirectory()) {
    return failed(what, `${there} is no folder`, 'name another folder, or move that file away');
  }
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
    // Root may write everywhere but where the file system is read-only, which `access` says.
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'EROFS') {
      return failed(
        what,
        `${there} is on a read-only file system`,
        'mount it for writing; in a service: ReadWritePaths=',
      );
    }
    return failed(what, `this account may not write into ${there}`, `as root: chown -R chirpd:chirpd ${there}`);
  }
  const { bavail, blocks, bsize } = statfsSync(there);
  const free = bavail * bsize;
  const text = `${folder}: ${sizeText(free)} of ${sizeText(blocks * bsize)} free`;
  const advice = 'make room, move it to a larger disk, or keep less (timeline.keepMegabytes, recording.keepGigabytes)';
  if (free < LEAST_BYTES) return failed(what, `${text}: the disk is full`, advice);
  if (free < wantedBytes / 2) return warning(what, `${text}, and it may come to need ${sizeText(wantedBytes)}`, advice);
  return ok(what, text);
}

function sizeText(bytes: number): string {
  return bytes < GIB ? `${Math.round(bytes / MIB)} MiB` : `${(bytes / GIB).toFixed(1)} GiB`;
}
