import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type JournalRecord, unpackBlock } from '../journal/journal-record.js';
import { segmentName, segmentNumbers } from '../journal/segment-name.js';
import { segmentRecords } from '../journal/segment-records.js';
import type { StreamInfo } from '../../pipelines/core/signal.js';
import type { Reading } from './reading.js';
import type { Span } from './span.js';
import { joined, part, runsOf, samplesIn, type StreamPlace, type Stretch, timeMicros } from './stretch.js';

export interface JournalStretches {
  readonly stretches: readonly Stretch[];
  /** Of the streams that were met on the way, the newest first: what the bed's channels are. */
  readonly infos: readonly StreamInfo[];
}

/** What a bed's journal holds of a stretch of time. It may be written, and its oldest segments deleted, meanwhile. */
export async function readJournalStretches(folder: string, span: Span, reading: Reading): Promise<JournalStretches> {
  const stretches: Stretch[] = [];
  const infos: StreamInfo[] = [];
  for (const number of segmentNumbers(await names(folder)).reverse()) {
    let info: StreamInfo | undefined;
    let startMicros = Infinity;
    for await (const records of segmentRecords(join(folder, segmentName(number)))) {
      const [head] = records;
      if (info === undefined) {
        if (head?.type !== 'segment' || head.version !== 1) break;
        info = head.info;
        infos.push(info);
        startMicros = timeMicros({ ...info, firstSample: head.firstSample }, 0);
      }
      if (startMicros >= span.toMicros) break;
      for (const run of runsOf(blocksIn(records, info, span))) {
        const stretch = joined(run);
        reading.hold(stretch.nSamples * stretch.samples.length);
        stretches.push(stretch);
      }
      await reading.breathe();
    }
    if (startMicros <= span.fromMicros) break;
  }
  return { stretches, infos };
}

function blocksIn(records: readonly JournalRecord[], info: StreamInfo, span: Span): readonly Stretch[] {
  return records.flatMap((record): readonly Stretch[] => {
    if (record.type !== 'block') return [];
    const { firstSample, nSamples } = record;
    const { startTimeMicros, sampleRate, channels } = info;
    const place: StreamPlace = { startTimeMicros, sampleRate, firstSample };
    const { from, to } = samplesIn(place, nSamples, span);
    if (from >= to) return [];
    return [part({ ...place, channels, nSamples, samples: unpackBlock(record).samples }, from, to)];
  });
}

async function names(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
