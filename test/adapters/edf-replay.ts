import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { edfAdapter } from '../../adapters/edf/adapter.js';
import { edfOptionsSchema, type EdfOptions } from '../../adapters/edf/options.js';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { blockLength, type StreamInfo, type StreamItem } from '../../pipelines/core/signal.js';
import { buildEdf, type EdfRecipe, type SignalRecipe } from '../fixtures/edf/build.js';

/** A folder of its own for the test file that imports this; removed at its end. */
export const folder = mkdtempSync(join(tmpdir(), 'chirpd-edf-'));
t.teardown(() => {
  rmSync(folder, { recursive: true });
});
let nFiles = 0;

/** Writes a file and returns its path. */
export function write(bytes: Uint8Array): string {
  const path = join(folder, `${nFiles++}.edf`);
  writeFileSync(path, bytes);
  return path;
}

/** Everything a replay emitted, and how it ended. */
export interface Outcome {
  readonly items: readonly StreamItem[];
  readonly error: unknown;
}

export async function replay(path: string, options: Partial<EdfOptions> = {}): Promise<Outcome> {
  const items: StreamItem[] = [];
  return new Promise((resolve) => {
    edfAdapter.open(edfOptionsSchema.parse({ ...options, path }), { pacer: fullSpeedPacer() }).subscribe({
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

export async function replayRecipe(recipe: EdfRecipe, options: Partial<EdfOptions> = {}): Promise<Outcome> {
  return replay(write(buildEdf(recipe)), options);
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

const fp1: SignalRecipe = { label: 'Fp1', samplesPerRecord: 64 };
export const good: EdfRecipe = { nRecords: 3, signals: [fp1, { label: 'F7', samplesPerRecord: 64 }] };

/** A good file with bytes written over at a place of the header. */
export function damaged(at: number, text: string, recipe: EdfRecipe = good): Buffer {
  const bytes = buildEdf(recipe);
  bytes.write(text, at, 'latin1');
  return bytes;
}
