import { lastValueFrom, takeWhile, toArray } from 'rxjs';
import type { Test } from 'tap';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { openAdapter } from '../../adapters/registry.js';
import { Pusher } from '../../daemon/client/node.js';

/** A piece of a real recording. */
export interface Piece {
  readonly channels: readonly string[];
  readonly sampleRate: number;
  /** (nChannels, nSamples), microvolts. */
  readonly samples: readonly Float32Array[];
}

/** The first seconds of a recording, of so many of its channels. */
export async function readPiece(path: string, seconds: number, nChannels: number): Promise<Piece> {
  const items$ = await openAdapter('edf', { path }, { pacer: fullSpeedPacer() });
  let nSamples = 0;
  let wanted = Infinity;
  const items = await lastValueFrom(
    items$.pipe(
      takeWhile((item) => {
        if (item.type === 'info') wanted = seconds * item.sampleRate;
        if (item.type === 'block') nSamples += item.samples[0]?.length ?? 0;
        return nSamples < wanted;
      }, true),
      toArray(),
    ),
  );
  const [info] = items;
  if (info?.type !== 'info') throw new Error(`${path} has no info`);
  const blocks = items.flatMap((item) => (item.type === 'block' ? [item.samples] : []));
  return {
    channels: info.channels.slice(0, nChannels).map(({ label }) => label),
    sampleRate: info.sampleRate,
    samples: Array.from({ length: nChannels }, (_, c) =>
      Float32Array.from(blocks.flatMap((block) => [...(block[c] ?? [])]).slice(0, wanted)),
    ),
  };
}

const TICK_MS = 100;

/** A bedside program that pushes a piece of a recording over and over, as fast as it was recorded. It never stops for a daemon. */
export function pushInRealTime(t: Test, url: string, bed: string, { channels, sampleRate, samples }: Piece): Pusher {
  const pusher = new Pusher({ url, bed, channels, sampleRate, source: `gateway of ${bed}` });
  pusher.ready().catch(() => undefined);
  const startMs = performance.now();
  const nPiece = samples[0]?.length ?? 1;
  let nSent = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startMs) / 1000) * sampleRate);
    if (due <= nSent) return;
    try {
      pusher.send(
        samples.map((values) => Float32Array.from({ length: due - nSent }, (_, i) => values[(nSent + i) % nPiece]!)),
      );
    } catch {
      // It was sent away for good.
      clearInterval(timer);
    }
    nSent = due;
  }, TICK_MS);
  t.teardown(() => {
    clearInterval(timer);
    pusher.abort();
  });
  return pusher;
}
