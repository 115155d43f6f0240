import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Observable } from 'rxjs';
import t from 'tap';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { openAdapter, type AdapterInput, type AdapterKind } from '../../adapters/registry.js';
import { errorText, isChirpdError } from '../../pipelines/core/errors.js';
import { blockLength, type AdapterItem, type StreamInfo } from '../../pipelines/core/signal.js';

/** A folder of its own for the test file that imports this; removed at its end. */
export const folder = mkdtempSync(join(tmpdir(), 'chirpd-replay-'));
t.teardown(() => {
  rmSync(folder, { recursive: true });
});
let nFiles = 0;

/** Writes a file of a new name and returns its path. */
export function writeFile(content: Uint8Array | string, ending: string): string {
  const path = join(folder, `${nFiles++}${ending}`);
  writeFileSync(path, content);
  return path;
}

/** Everything a replay emitted, and how it ended. */
export interface Outcome {
  readonly items: readonly AdapterItem[];
  readonly error: unknown;
}

export async function outcomeOf(stream: Observable<AdapterItem>): Promise<Outcome> {
  const items: AdapterItem[] = [];
  return new Promise((resolve) => {
    stream.subscribe({
      next: (item) => items.push(item),
      error: (error: unknown) => {
        resolve({ items, error });
      },
      complete: () => {
        resolve({ items, error: undefined });
      },
    });
  });
}

export async function replayFile<Kind extends AdapterKind>(kind: Kind, options: AdapterInput<Kind>): Promise<Outcome> {
  return outcomeOf(await openAdapter(kind, options, { pacer: fullSpeedPacer() }));
}

export function infoOf({ items, error }: Outcome): StreamInfo {
  const info = items[0];
  if (info?.type !== 'info') throw new Error('no StreamInfo', { cause: error });
  return info;
}

/** All samples of one channel, gaps left away. */
export function samplesOf({ items }: Outcome, channel: number): number[] {
  return items.flatMap((item) => (item.type === 'block' ? [...(item.samples[channel] ?? [])] : []));
}

export function nSamplesOf({ items }: Outcome): number {
  return items.reduce((sum, item) => sum + (item.type === 'block' ? blockLength(item) : 0), 0);
}

/** First sample and length of each gap. */
export function gapsOf({ items }: Outcome): number[][] {
  return items.flatMap((item) => (item.type === 'gap' ? [[item.firstSample, item.nSamples]] : []));
}

/** Onset, duration and text of each annotation. */
export function annotationsOf({ items }: Outcome): [number, number, string][] {
  return items.flatMap((item): [number, number, string][] =>
    item.type === 'annotation' ? [[item.onsetSeconds, item.durationSeconds, item.text]] : [],
  );
}

/** The code of the error that ended a replay. */
export function codeOf({ error }: Outcome): string | undefined {
  return isChirpdError(error) ? error.code : error === undefined ? undefined : errorText(error);
}
