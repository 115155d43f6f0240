import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import type { Test } from 'tap';
import { edfAdapter } from '../../../adapters/edf/adapter.js';
import { fullSpeedPacer } from '../../../adapters/pacer.js';
import { BedRecorder, type BedRecorderOptions } from '../../../daemon/recording/bed-recorder.js';
import type { Annotation, Gap, StreamInfo, StreamItem } from '../../../pipelines/core/signal.js';

export function recordFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-recording-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Paths of the files in a folder, in the order of their names. */
export function filesOf(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.bdf'))
    .sort()
    .map((name) => join(folder, name));
}

/** Records items to their end, and gives the files. */
export async function record(
  folder: string,
  items: Iterable<StreamItem>,
  options: Partial<BedRecorderOptions> = {},
): Promise<readonly string[]> {
  const recorder = new BedRecorder({ folder, ...options });
  for (const item of items) {
    recorder.take(item);
    await recorder.room();
  }
  await recorder.stop();
  return filesOf(folder);
}

export interface Content {
  readonly info: StreamInfo;
  /** All samples of each channel, and NaN where there are none. */
  readonly samples: readonly Float32Array[];
  readonly gaps: readonly Gap[];
  readonly annotations: readonly Annotation[];
}

/** What items say, laid out. */
export function contentOf(items: Iterable<StreamItem>): Content {
  let info: StreamInfo | undefined;
  const parts: (readonly Float32Array[])[] = [];
  const gaps: Gap[] = [];
  const annotations: Annotation[] = [];
  for (const item of items) {
    if (item.type === 'info') info = item;
    else if (item.type === 'block') parts.push(item.samples);
    else if (item.type === 'annotation') annotations.push(item);
    else {
      gaps.push(item);
      parts.push((info?.channels ?? []).map(() => new Float32Array(item.nSamples).fill(NaN)));
    }
  }
  if (info === undefined) throw new Error('there is no StreamInfo');
  const samples = info.channels.map((_, channel) => {
    const channelParts = parts.map((part) => part[channel] as Float32Array);
    const all = new Float32Array(channelParts.reduce((n, part) => n + part.length, 0));
    let at = 0;
    for (const part of channelParts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  });
  return { info, samples, gaps, annotations };
}

/** What the EDF adapter reads. */
export async function readFile(
  path: string,
): Promise<{ readonly items: readonly StreamItem[]; readonly content: Content }> {
  const stream = edfAdapter.open({ path, channels: 'all', exclude: [] }, { pacer: fullSpeedPacer() });
  const items = await lastValueFrom(stream.pipe(toArray()));
  return { items, content: contentOf(items) };
}

/** Where two lists of samples first differ, bit for bit; undefined where nowhere. NaN equals NaN. */
export function firstDifference(
  actual: readonly Float32Array[],
  expected: readonly Float32Array[],
): string | undefined {
  if (actual.length !== expected.length) return `${String(actual.length)} channels, not ${String(expected.length)}`;
  for (const [channel, wanted] of expected.entries()) {
    const found = actual[channel] as Float32Array;
    if (found.length !== wanted.length) return `${String(found.length)} samples, not ${String(wanted.length)}`;
    const at = wanted.findIndex((value, i) => !Object.is(value + 0, (found[i] as number) + 0));
    if (at >= 0)
      return `channel ${String(channel)}, sample ${String(at)}: ${String(found[at])}, not ${String(wanted[at])}`;
  }
  return undefined;
}
