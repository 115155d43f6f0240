import { join } from 'node:path';
import type { CDPSession } from 'playwright-core';
import { packageRoot } from '../../daemon/package-root.js';
import type { BedInfo, SpectrogramMessage } from '../../daemon/protocol/messages.js';
import { Hub } from '../../daemon/server/hub.js';
import { chromiumPath, launchChromium } from '../dashboards/browser.js';
import { startBareServer } from '../daemon/server/harness.js';
import { eventDraft, gapDraft } from '../daemon/timeline/drafts.js';
import type { Benchmark } from './benchmark.js';
import { SkippedError } from './result.js';

export const boardHoursBenchmark: Benchmark = {
  name: 'board-hours',
  title: "what the board's memory does over hours of its beds' time",
  minutes: 15,
  isDefault: false,
  run: async ({ settings }) => {
    const memory = await measureBoardMemory(settings.hours ?? (settings.quick ? 0.2 : 8), settings.beds ?? 4);
    return {
      figures: [
        { name: 'beds', value: memory.nBeds, unit: 'beds', better: 'none' },
        { name: 'heapGrowth', value: memory.megabytesPerHour, unit: 'MB an hour (target 0)', better: 'less' },
        { name: 'nodeGrowth', value: memory.nodesPerHour, unit: 'nodes an hour (target 0)', better: 'less' },
      ],
      details: memory,
    };
  },
};

/** What a page holds after so many hours of its beds' streams, after a collection. */
export interface MemoryPoint {
  readonly hours: number;
  readonly heapMegabytes: number;
  readonly nNodes: number;
  readonly nListeners: number;
}

export interface BoardMemory {
  readonly nBeds: number;
  readonly points: readonly MemoryPoint[];
  /** Of a line through the points from a quarter of the time on, when what is kept of the last hours is full. */
  readonly megabytesPerHour: number;
  readonly nodesPerHour: number;
  readonly wallSeconds: number;
}

const HOP_SECONDS = 0.46875;
const DERIVATIONS = ['F7-T7', 'T7-P7', 'F8-T8', 'T8-P8'];
const ROWS = 128;
/** A piece of the streams that is sent at once; the board has taken it before the next one comes. */
const PIECE_SECONDS = 60;
const POINTS = 16;
/** From one chirp of a bed to the next: what is kept of them is full within two hours. */
const CHIRP_SECONDS = 14;
const START_MICROS = 1_700_000_000_000_000;

/** Shows a board hours of several beds at hundreds of times their pace, through a real server, and weighs it now and then. */
export async function measureBoardMemory(hours: number, nBeds: number): Promise<BoardMemory> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new SkippedError('no Chromium here (apt-get install chromium)');
  const hub = new Hub();
  const { server, appendQueue, alarms, stop } = await startBareServer({
    hub,
    staticDir: join(packageRoot(), 'dist/dashboards/web'),
  });
  const browser = await launchChromium(executablePath);
  const startMs = performance.now();
  try {
    let newestMicros = START_MICROS;
    const names = Array.from({ length: nBeds }, (_, i) => `bed-${String(i + 1)}`);
    for (const name of names) hub.addBed({ name, info: () => infoOf(name, newestMicros) });
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(server.url);
    await page.waitForFunction((n) => document.querySelectorAll('.tile').length === n, nBeds);
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    const points: MemoryPoint[] = [];
    let column = 0;
    let nChirps = 0;
    const nPieces = Math.round((hours * 3600) / PIECE_SECONDS);
    for (let piece = 1; piece <= nPieces; piece++) {
      const endSeconds = piece * PIECE_SECONDS;
      newestMicros = START_MICROS + endSeconds * 1e6;
      for (; column * HOP_SECONDS < endSeconds; column++) for (const bed of names) hub.publish(columnOf(bed, column));
      for (; (nChirps + 2) * CHIRP_SECONDS < endSeconds; nChirps++) {
        for (const bed of names) for (const draft of tellings(nChirps, bed)) appendQueue.add(draft);
      }
      const bed = names[piece % nBeds] ?? '';
      appendQueue.add(gapDraft(endSeconds - 30, bed));
      const condition = { code: 'BED_DEVICE_LOST', bed, text: `${bed} has lost its device` } as const;
      if (piece % 2 === 0) alarms.board.raise(condition);
      else for (const { code, bed } of alarms.board.open()) alarms.board.clear(code, bed);
      await appendQueue.drained();
      // The last chirp comes behind all columns of the piece.
      const taken = await page.waitForFunction(
        (id) => document.querySelector(`.event[data-id="${id}"]`) !== null,
        `${names.at(-1) ?? ''}-${String(nChirps - 1)}`,
        { timeout: 60_000 },
      );
      // What a handle holds is not the page's.
      await taken.dispose();
      if (piece % Math.max(1, Math.floor(nPieces / POINTS)) === 0) {
        points.push({ hours: endSeconds / 3600, ...(await weigh(session)) });
      }
    }
    const settled = points.filter(({ hours: at }) => at >= hours / 4);
    const dropped = await page.locator('#connection').getAttribute('title');
    if (dropped !== null && dropped !== '') console.error(dropped);
    return {
      nBeds,
      points,
      megabytesPerHour: slope(settled.map(({ hours, heapMegabytes }) => [hours, heapMegabytes])),
      nodesPerHour: slope(settled.map(({ hours, nNodes }) => [hours, nNodes])),
      wallSeconds: (performance.now() - startMs) / 1000,
    };
  } finally {
    await browser.close();
    await stop();
  }
}

function infoOf(bed: string, newestTimeMicros: number): BedInfo {
  return {
    bed,
    source: 'made up',
    synthetic: true,
    state: 'streaming',
    stateText: '',
    derivations: DERIVATIONS,
    sampleRate: 256,
    profiles: [{ name: 'slow', rowHz: 0.125, hopSeconds: HOP_SECONDS }],
    startTimeMicros: START_MICROS,
    newestTimeMicros,
    newestAgeMs: 0,
    speed: 240,
  };
}

function columnOf(bed: string, column: number): SpectrogramMessage {
  return {
    type: 'spectrogram',
    bed,
    profile: 'slow',
    column,
    timeMicros: START_MICROS + Math.round(column * HOP_SECONDS * 1e6),
    rowHz: 0.125,
    hopSeconds: HOP_SECONDS,
    decibels: Uint8Array.from({ length: DERIVATIONS.length * ROWS }, (_, i) => 100 + ((i * 31 + column * 17) % 60)),
  };
}

/** A chirp, as it is told three times. */
function tellings(i: number, bed: string): readonly ReturnType<typeof eventDraft>[] {
  const { content, ...rest } = eventDraft(i, bed);
  const phases = ['onset', 'update', 'offset'] as const;
  return phases.map((phase, revision) => {
    const onsetSeconds = i * CHIRP_SECONDS;
    const onsetTimeMicros = START_MICROS + onsetSeconds * 1e6;
    const newestSampleSeconds = onsetSeconds + 10 + 4 * revision;
    return {
      ...rest,
      key: `${bed}-${String(i)}:${String(revision)}`,
      content: {
        ...content,
        ...{ phase, revision, onsetSeconds, onsetTimeMicros, newestSampleSeconds },
        ...{ offsetSeconds: onsetSeconds + 8, offsetTimeMicros: onsetTimeMicros + 8e6 },
        newestSampleTimeMicros: START_MICROS + newestSampleSeconds * 1e6,
      },
    } as ReturnType<typeof eventDraft>;
  });
}

async function weigh(session: CDPSession): Promise<Omit<MemoryPoint, 'hours'>> {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const value = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? NaN;
  return {
    heapMegabytes: value('JSHeapUsedSize') / 1e6,
    nNodes: value('Nodes'),
    nListeners: value('JSEventListeners'),
  };
}

/** Of the line of least squares through (x, y). */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (i: 0 | 1): number => points.reduce((sum, point) => sum + point[i], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return above / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
