import { readdirSync, statfsSync, statSync } from 'node:fs';
import { arch, availableParallelism, cpus, freemem, loadavg, release, totalmem, uptime } from 'node:os';
import { join } from 'node:path';
import { memoryRooms } from '../alarms/memory-rooms.js';

/** Folders and files that the data folder may have; whatever else is called after something. */
const KNOWN: ReadonlySet<string> = new Set(
  'timeline journal history webhooks influx recordings demonstration audit.jsonl tokens.json sessions.json'.split(' '),
);

/** What the machine is, without whose. */
export function systemFacts(dataDirectory: string): object {
  const libc = (process.report.getReport() as { header?: { glibcVersionRuntime?: string } }).header
    ?.glibcVersionRuntime;
  return {
    node: process.version,
    platform: process.platform,
    arch: arch(),
    release: release(),
    libc: libc ?? 'unknown',
    cpu: cpus()[0]?.model ?? 'unknown',
    nCpus: availableParallelism(),
    loadAverages: loadavg(),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    memoryRooms: memoryRooms().filter(({ what }) => what !== 'heap'),
    uptimeSeconds: uptime(),
    timeZoneOffsetMinutes: -new Date().getTimezoneOffset(),
    data: dataFacts(dataDirectory),
  };
}

function dataFacts(folder: string): object {
  try {
    const { bavail, blocks, bsize, type } = statfsSync(folder);
    const names = readdirSync(folder);
    const entries = names.filter((name) => KNOWN.has(name)).map((name) => [name, sizeOf(join(folder, name))]);
    return {
      fileSystemType: type,
      sizeBytes: blocks * bsize,
      freeBytes: bavail * bsize,
      bytesOf: Object.fromEntries(entries) as object,
      nOthers: names.filter((name) => !KNOWN.has(name)).length,
    };
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? 'unknown' };
  }
}

function sizeOf(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.size;
  try {
    return readdirSync(path).reduce((total, name) => total + sizeOf(join(path, name)), 0);
  } catch {
    return 0;
  }
}
