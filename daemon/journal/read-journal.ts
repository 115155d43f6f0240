import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { bandProfile, columnSeconds, type ProfileName } from '../../pipelines/core/profile.js';
import type { SourcePosition, StreamInfo } from '../../pipelines/core/signal.js';
import type { Checkpoint } from '../../pipelines/items.js';
import { decodeFrames } from './frame.js';
import {
  type Checkpoints,
  type JournalItem,
  type JournalRecord,
  type SegmentHead,
  unpackBlock,
} from './journal-record.js';
import { segmentName, segmentNumbers } from './segment-name.js';

/** Samples before the newest checkpoint that are read: a canvas of a minute, its filters' past, and what a board shows. */
const READ_SECONDS = 150;

export interface KeptItem {
  readonly item: JournalItem;
  /** Unix milliseconds at which a block arrived. */
  readonly arrivedMs?: number;
}

/** The end of a stream, as the process that took it left it. */
export interface JournalContent {
  readonly info: StreamInfo;
  /** Whether the items begin with the stream's first sample. */
  readonly isWhole: boolean;
  readonly items: readonly KeptItem[];
  /** The sample to come. */
  readonly nextSample: number;
  readonly position?: SourcePosition;
  readonly checkpoints: Checkpoints;
  /** Where writing goes on; undefined: in a new segment. */
  readonly end: undefined | { readonly segment: number; readonly nBytes: number; readonly firstSample: number };
}

interface Segment {
  readonly head: SegmentHead;
  readonly records: readonly Exclude<JournalRecord, SegmentHead>[];
  readonly nBytes: number;
}

/**
 * Reads the newest part of a bed's journal: the samples that its pipelines need to go on. No content where there is
 * none of that source.
 * @param source digest of the source's settings
 * @param profiles band profiles whose checkpoints count
 */
export async function readJournal(
  folder: string,
  source: string,
  profiles: readonly ProfileName[],
): Promise<{ readonly newestSegment: number; readonly content?: JournalContent }> {
  const numbers = segmentNumbers(await names(folder));
  const newestSegment = numbers.at(-1) ?? 0;
  for (let number = numbers.pop(); number !== undefined; number = numbers.pop()) {
    const segment = await readSegment(folder, number);
    // One without a head was just begun when the process was killed, or the disk was full: nothing in it was kept.
    if (segment === undefined) continue;
    if (segment.head.source !== source || hasEnded(segment)) break;
    const content = await gather(folder, numbers, number, segment, profiles);
    // Only the newest one is gone on with.
    return { newestSegment, content: number === newestSegment ? content : { ...content, end: undefined } };
  }
  return { newestSegment };
}

async function gather(
  folder: string,
  before: number[],
  newest: number,
  last: Segment,
  profiles: readonly ProfileName[],
): Promise<JournalContent> {
  const { info } = last.head;
  const checkpoints = new Map<ProfileName, Checkpoint>();
  let position = last.head.position;
  for (const record of [...last.head.checkpoints, ...last.records]) {
    if (record.type === 'checkpoint' && profiles.includes(record.profile)) checkpoints.set(record.profile, record);
    else if (record.type === 'position') position = record;
  }
  let items = keptItems(last);
  const nextSample = Math.max(last.head.firstSample, ...items.map(({ item }) => endOf(item)));
  const seen = [...checkpoints.values()].map(({ profile, column }) => columnSeconds(bandProfile(profile), column));
  const neededSample = (Math.min(nextSample / info.sampleRate, ...seen) - READ_SECONDS) * info.sampleRate;
  let first = last;
  while (first.head.firstSample > Math.max(0, neededSample)) {
    const number = before.pop();
    const earlier = number === undefined ? undefined : await readSegment(folder, number);
    if (earlier === undefined || hasEnded(earlier) || !isDeepStrictEqual(earlier.head.info, info)) break;
    items = [...keptItems(earlier), ...items];
    first = earlier;
  }
  return {
    info,
    isWhole: first.head.firstSample === 0,
    items,
    nextSample,
    ...(position && { position }),
    checkpoints,
    end: { segment: newest, nBytes: last.nBytes, firstSample: last.head.firstSample },
  };
}

function hasEnded({ records }: Segment): boolean {
  return records.at(-1)?.type === 'end';
}

function keptItems({ records }: Segment): KeptItem[] {
  return records.flatMap((record): KeptItem[] => {
    if (record.type === 'checkpoint' || record.type === 'position' || record.type === 'end') return [];
    return record.type === 'block' ? [{ item: unpackBlock(record), arrivedMs: record.arrivedMs }] : [{ item: record }];
  });
}

/** The sample after an item; 0 where it holds none. */
function endOf(item: JournalItem): number {
  if (item.type === 'block') return item.firstSample + (item.samples[0]?.length ?? 0);
  return item.type === 'gap' ? item.firstSample + item.nSamples : 0;
}

async function readSegment(folder: string, number: number): Promise<Segment | undefined> {
  const { values, nBytes } = decodeFrames(await readFile(join(folder, segmentName(number))));
  const [head, ...records] = values as JournalRecord[];
  if (head?.type !== 'segment' || head.version !== 1) return undefined;
  return { head, records: records.filter((record) => record.type !== 'segment'), nBytes };
}

async function names(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
