import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';

/** Something that memory is taken from. */
export interface MemoryRoom {
  /** `heap`: what Node lets the daemon's JavaScript have; `limit`: of its service or container; `machine`: of the computer. */
  readonly what: 'heap' | 'limit' | 'machine';
  /** What cannot be given back at once: files that the system keeps in memory do not count. */
  readonly usedBytes: number;
  readonly sizeBytes: number;
}

/** Where control groups are mounted, version 2 and the memory of version 1. */
const GROUPS = '/sys/fs/cgroup';
const UNLIMITED = 2 ** 60;
/** What V8 counts into its limit for objects that are young; nothing that lasts finds room there. */
const YOUNG_BYTES = 48 * 2 ** 20;

/** All that there are here. */
export function memoryRooms(): readonly MemoryRoom[] {
  return [heap(), ...limits(), ...machine()];
}

function heap(): MemoryRoom {
  const old = getHeapSpaceStatistics().filter(({ space_name: name }) => !name.startsWith('new_'));
  const usedBytes = old.reduce((total, { space_used_size: used }) => total + used, 0);
  return { what: 'heap', usedBytes, sizeBytes: getHeapStatistics().heap_size_limit - YOUNG_BYTES };
}

function machine(): readonly MemoryRoom[] {
  const kibibytes = numbersOf(textOf('/proc/meminfo'));
  const [total, available] = [kibibytes.get('MemTotal:'), kibibytes.get('MemAvailable:')];
  if (total === undefined || available === undefined) return [];
  return [{ what: 'machine', usedBytes: 1024 * (total - available), sizeBytes: 1024 * total }];
}

/** Of the daemon's control group and of each above it that has a limit. */
function limits(): readonly MemoryRoom[] {
  const rooms: MemoryRoom[] = [];
  for (const line of textOf('/proc/self/cgroup').split('\n')) {
    const [, controllers, ...path] = line.split(':');
    if (controllers !== '' && controllers !== 'memory') continue;
    const read = controllers === '' ? groupOfVersion2 : groupOfVersion1;
    const parts = path.join(':').split('/').filter(Boolean);
    for (let n = parts.length; n >= 0; n--) {
      const room = read(join(GROUPS, ...(controllers === '' ? [] : ['memory']), ...parts.slice(0, n)));
      if (room !== undefined) rooms.push({ what: 'limit', ...room });
    }
  }
  return rooms;
}

type GroupRoom = Omit<MemoryRoom, 'what'> | undefined;

function groupOfVersion2(folder: string): GroupRoom {
  const sizes = ['memory.max', 'memory.high'].map((name) => Number.parseInt(textOf(join(folder, name)), 10));
  const stat = numbersOf(textOf(join(folder, 'memory.stat')));
  const cached = (stat.get('file') ?? 0) - (stat.get('shmem') ?? 0);
  return roomOf(textOf(join(folder, 'memory.current')), Math.min(...sizes.filter(Number.isFinite), Infinity), cached);
}

function groupOfVersion1(folder: string): GroupRoom {
  const size = Number.parseInt(textOf(join(folder, 'memory.limit_in_bytes')), 10);
  const stat = numbersOf(textOf(join(folder, 'memory.stat')));
  const cached = (stat.get('total_cache') ?? 0) - (stat.get('total_shmem') ?? 0);
  return roomOf(textOf(join(folder, 'memory.usage_in_bytes')), Number.isFinite(size) ? size : Infinity, cached);
}

function roomOf(usage: string, sizeBytes: number, cachedBytes: number): GroupRoom {
  const current = Number.parseInt(usage, 10);
  if (!Number.isFinite(current) || sizeBytes > UNLIMITED) return undefined;
  return { usedBytes: Math.max(0, current - Math.max(0, cachedBytes)), sizeBytes };
}

/** The first number of each line, by the word before it. */
function numbersOf(text: string): ReadonlyMap<string, number> {
  return new Map(
    text.split('\n').map((line) => {
      const [name = '', value] = line.split(/\s+/);
      return [name, Number(value)];
    }),
  );
}

/** '' where there is no such file. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
