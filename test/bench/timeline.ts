import { type FileHandle, open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { open as openLmdb } from 'lmdb';
import { packPlain } from '../../daemon/protocol/plain-messagepack.js';
import { Timeline } from '../../daemon/timeline/timeline.js';
import { eventDraft } from '../daemon/timeline/drafts.js';
import { type BenchContext, type Benchmark, roundsFor } from './benchmark.js';
import type { Comparison, Findings } from './result.js';
import { byTurns, type CheckedPeer, timedAsync } from './rounds.js';

export const timelineBenchmark: Benchmark = {
  name: 'timeline',
  title: 'events onto the disk, beside lmdb alone and a file with fdatasync',
  minutes: 0.3,
  isDefault: true,
  run: measureTimeline,
};

/** Events that come at the same moment and share a commit. */
const TOGETHER = [1, 64] as const;

async function measureTimeline({ settings, folder }: BenchContext): Promise<Findings> {
  const timeline = await Timeline.open(join(folder, 'timeline'));
  const lmdb = openLmdb<Buffer, number>({
    path: join(folder, 'lmdb'),
    noSubdir: false,
    encoding: 'binary',
    overlappingSync: false,
    eventTurnBatching: false,
  });
  const file = await openFile(join(folder, 'log'), 'a');
  try {
    const writers = [ours(timeline), byLmdb(lmdb), byFile(file)] as const;
    const comparisons: Comparison[] = [];
    for (const n of TOGETHER) {
      const [mine, ...peers] = writers;
      const checked = peers.map(({ name, write }): CheckedPeer => {
        const run = timedAsync(() => write(n));
        return { name, run, difference: NaN, tolerance: NaN, checked: 'all are there, counted afterwards' };
      });
      comparisons.push(
        await byTurns(
          { work: `${n} at a time, each on disk before the next`, unit: 'events/s', nUnits: n, ...roundsFor(settings) },
          { name: 'chirpd', run: timedAsync(() => mine.write(n)) },
          checked,
        ),
      );
    }
    checkCounts(timeline, lmdb, (await file.stat()).size, writers);
    return { comparisons };
  } finally {
    await Promise.all([timeline.close(), lmdb.close(), file.close()]);
  }
}

interface Writer {
  readonly name: string;
  /** Resolves when they are on disk. */
  readonly write: (n: number) => Promise<unknown>;
  nWritten: number;
  nBytes: number;
}

function ours(timeline: Timeline): Writer {
  const writer: Writer = {
    name: 'chirpd',
    nWritten: 0,
    nBytes: 0,
    write: (n) => Promise.all(Array.from({ length: n }, () => timeline.append(eventDraft(writer.nWritten++)))),
  };
  return writer;
}

/** A put of each, under its number: no keys, no order of time, no owner. */
function byLmdb(lmdb: ReturnType<typeof openLmdb<Buffer, number>>): Writer {
  const writer: Writer = {
    name: 'lmdb alone',
    nWritten: 0,
    nBytes: 0,
    write: (n) => Promise.all(Array.from({ length: n }, () => lmdb.put(writer.nWritten, encoded(writer.nWritten++)))),
  };
  return writer;
}

/** One write of all and one fdatasync: what no store can do without. */
function byFile(file: FileHandle): Writer {
  const writer: Writer = {
    name: 'a file, appended to, and fdatasync',
    nWritten: 0,
    nBytes: 0,
    write: async (n) => {
      const bytes = Buffer.concat(Array.from({ length: n }, () => encoded(writer.nWritten++)));
      writer.nBytes += bytes.length;
      await file.write(bytes);
      await file.datasync();
    },
  };
  return writer;
}

/** As the timeline has it. */
function encoded(i: number): Buffer {
  return Buffer.from(packPlain({ ...eventDraft(i).content, cursor: i + 1, toldTimeMicros: 0, delayMs: 0 }));
}

/** @throws Error where one has not written what it was given */
function checkCounts(
  timeline: Timeline,
  lmdb: ReturnType<typeof openLmdb<Buffer, number>>,
  fileBytes: number,
  [mine, plain, file]: readonly [Writer, Writer, Writer],
): void {
  const last = timeline.after(timeline.newestCursor - 1, 1)[0];
  if (timeline.newestCursor !== mine.nWritten || last?.cursor !== mine.nWritten)
    throw new Error(`the timeline has ${timeline.newestCursor} of ${mine.nWritten} events`);
  const newest = lmdb.get(plain.nWritten - 1);
  if (lmdb.getCount() !== plain.nWritten || newest?.equals(encoded(plain.nWritten - 1)) !== true)
    throw new Error(`lmdb has ${lmdb.getCount()} of ${plain.nWritten} events`);
  if (fileBytes !== file.nBytes) throw new Error(`the file has ${fileBytes} of ${file.nBytes} bytes`);
}
