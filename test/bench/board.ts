import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { chromiumPath, launchChromium } from '../dashboards/browser.js';
import { runArguments, writeConfig } from '../e2e/config-file.js';
import { DaemonProcess } from '../e2e/daemon-process.js';
import type { Benchmark } from './benchmark.js';
import { SkippedError } from './result.js';

export const boardBenchmark: Benchmark = {
  name: 'board',
  title: 'frames a second of the board with beds that stream, at three sizes, and what they cost',
  minutes: 2,
  isDefault: false,
  run: async ({ settings, folder }) => {
    const nBeds = settings.beds ?? (settings.quick ? 2 : 16);
    const sizes = await measureBoard(folder, nBeds, settings.cpuProfiles);
    return {
      figures: [
        { name: 'beds', value: nBeds, unit: 'beds', better: 'none' },
        ...sizes.flatMap((size) => {
          const name = (what: string): string => `${what} at ${size.width} x ${size.height}`;
          return [
            {
              name: name('frames'),
              value: size.framesPerSecond,
              unit: 'a second (target 30)',
              better: 'more' as const,
            },
            { name: name('worst 2 s'), value: size.worstFramesPerSecond, unit: 'a second', better: 'more' as const },
            { name: name('page busy'), value: 100 * size.busy, unit: '%', better: 'less' as const },
            { name: name('scripts'), value: 100 * size.scripts, unit: '%', better: 'less' as const },
            { name: name('layout'), value: 100 * size.layout, unit: '%', better: 'less' as const },
            { name: name('heap'), value: size.heapMegabytes, unit: 'MB', better: 'less' as const },
          ];
        }),
      ],
    };
  },
};

/** How smoothly the board of a unit is drawn at one size of its window. */
export interface BoardFigures {
  readonly width: number;
  readonly height: number;
  /** Frames a second: the median of windows of two seconds, and the worst of them. */
  readonly framesPerSecond: number;
  readonly worstFramesPerSecond: number;
  /** Shares of the page's main thread, 0 to 1. */
  readonly busy: number;
  readonly scripts: number;
  readonly layout: number;
  /** JavaScript memory after a collection. */
  readonly heapMegabytes: number;
}

const SIZES = [
  [390, 844],
  [1440, 900],
  [3840, 2160],
] as const;
const WARM_UP_MS = 5000;
const N_WINDOWS = 7;

/** @param folder for config and data @param profileTo a CPU profile of each size goes there, for Chromium's own tools */
export async function measureBoard(
  folder: string,
  nBeds: number,
  profileTo?: string,
): Promise<readonly BoardFigures[]> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new SkippedError('no Chromium here (apt-get install chromium)');
  const beds = Array.from({ length: nBeds }, (_, i) => ({
    name: `Bed ${String(i + 1)}`,
    adapter: { kind: 'synthetic', seed: i + 1 } as const,
  }));
  const daemon = new DaemonProcess(runArguments(writeConfig(folder, 'board', { beds }), join(folder, 'data')));
  let browser: Browser | undefined;
  try {
    const url = await daemon.ready();
    browser = await launchChromium(executablePath);
    const figures: BoardFigures[] = [];
    for (const [width, height] of SIZES) {
      const page = await browser.newPage({ viewport: { width, height } });
      await page.goto(url);
      await page.waitForFunction((n) => document.querySelectorAll('.tile').length === n, nBeds);
      await page.waitForTimeout(WARM_UP_MS);
      figures.push({
        width,
        height,
        ...(await measurePage(page, profileTo && join(profileTo, `${String(width)}.cpuprofile`))),
      });
      await page.close();
    }
    return figures;
  } finally {
    await browser?.close();
    await daemon.kill();
  }
}

async function measurePage(page: Page, profilePath?: string): Promise<Omit<BoardFigures, 'width' | 'height'>> {
  const session = await page.context().newCDPSession(page);
  // Processor time: what others do on this machine counts for the frames, and not for this.
  await session.send('Performance.setTimeDomain', { timeDomain: 'threadTicks' });
  await session.send('Performance.enable');
  if (profilePath !== undefined) {
    await session.send('Profiler.enable');
    await session.send('Profiler.start');
  }
  const before = await metrics(session);
  const startMs = performance.now();
  const rates = await frameRates(page);
  const seconds = (performance.now() - startMs) / 1000;
  const after = await metrics(session);
  if (profilePath !== undefined) {
    const { profile } = await session.send('Profiler.stop');
    writeFileSync(profilePath, JSON.stringify(profile));
  }
  await session.send('HeapProfiler.collectGarbage');
  const { JSHeapUsedSize = 0 } = await metrics(session);
  const share = (name: string): number => ((after[name] ?? 0) - (before[name] ?? 0)) / seconds;
  rates.sort((a, b) => a - b);
  return {
    framesPerSecond: rates[Math.floor(rates.length / 2)] ?? 0,
    worstFramesPerSecond: rates[0] ?? 0,
    busy: share('TaskDuration'),
    scripts: share('ScriptDuration'),
    layout: share('LayoutDuration') + share('RecalcStyleDuration'),
    heapMegabytes: JSHeapUsedSize / 1e6,
  };
}

async function metrics(session: CDPSession): Promise<Readonly<Record<string, number>>> {
  const { metrics } = await session.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

async function frameRates(page: Page): Promise<number[]> {
  return page.evaluate(async (n) => {
    const rates: number[] = [];
    for (let i = 0; i < n; i++) {
      const start = performance.now();
      let nFrames = 0;
      while (performance.now() - start < 2000) {
        await new Promise(requestAnimationFrame);
        nFrames++;
      }
      rates.push((nFrames * 1000) / (performance.now() - start));
    }
    return rates;
  }, N_WINDOWS);
}
