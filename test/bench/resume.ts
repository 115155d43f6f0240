/** Events a second to a client that resumes, beside `ws` alone with frames in memory, by turns. */
import { mkdtempSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { SUBPROTOCOL_MSGPACK } from '../../daemon/protocol/messages.js';
import {
  type Keeper,
  percentile,
  startChild,
  startLiveListener,
  startLoadServer,
  subscribed,
} from '../daemon/server/load-server.js';
import type { Benchmark } from './benchmark.js';

export const resumeBenchmark: Benchmark = {
  name: 'resume',
  title: 'stored events to a client that resumes, beside ws alone with frames in memory',
  minutes: 1,
  isDefault: true,
  run: async ({ settings }) => {
    const resume = await measureResume(settings.quick ? 5000 : 150_000, settings.quick ? 1 : 5);
    return {
      figures: [
        { name: 'chirpd', value: resume.chirpd, unit: 'events/s', better: 'more' },
        { name: 'plainWs', value: resume.plainWs, unit: 'frames/s', better: 'none' },
        { name: 'ratio', value: resume.ratio, unit: 'of ws alone', better: 'more' },
        { name: 'liveP99', value: resume.liveP99Ms, unit: 'ms of live events meanwhile', better: 'less' },
      ],
    };
  },
};

export interface ResumeRate {
  readonly nStored: number;
  /** Events a second, median of the turns. */
  readonly chirpd: number;
  /** Frames a second of `ws` alone, median of the turns. */
  readonly plainWs: number;
  readonly ratio: number;
  /** Of live events to another client while one resumes, milliseconds. */
  readonly liveP99Ms: number;
  readonly turns: number;
}

const EVENTS_PER_SECOND = 20;

export async function measureResume(nStored: number, turns = 5): Promise<ResumeRate> {
  const folder = mkdtempSync('.tap/bench/resume-');
  const endings: (() => unknown)[] = [
    () => {
      rmSync(folder, { recursive: true, force: true });
    },
  ];
  const keeper: Keeper = { testdirName: folder, teardown: (end: () => unknown) => endings.unshift(end) };
  try {
    const port = await startLoadServer(keeper, { nStored, eventsPerSecond: EVENTS_PER_SECOND, nBeds: 0 });
    const plain = startChild(keeper, 'plain-child', String(nStored), 'test/bench');
    const plainPort = await new Promise<number>((resolve) =>
      plain.once('data', (line: Buffer) => {
        resolve(Number(line));
      }),
    );
    const delaysMs: number[] = [];
    let isResuming = false;
    startLiveListener(keeper, port, (milliseconds) => {
      if (isResuming) delaysMs.push(milliseconds);
    });
    await sleep(1500);
    const rates: { chirpd: number[]; plainWs: number[] } = { chirpd: [], plainWs: [] };
    for (let turn = 0; turn <= turns; turn++) {
      isResuming = true;
      const chirpd = await rate(keeper, port, nStored);
      isResuming = false;
      const plainWs = await rate(keeper, plainPort, nStored);
      // The first turn warms up.
      if (turn === 0) continue;
      rates.chirpd.push(chirpd);
      rates.plainWs.push(plainWs);
    }
    const [chirpd, plainWs] = [percentile(rates.chirpd, 0.5), percentile(rates.plainWs, 0.5)];
    return { nStored, chirpd, plainWs, ratio: chirpd / plainWs, liveP99Ms: percentile(delaysMs, 0.99), turns };
  } finally {
    for (const end of endings) await end();
  }
}

/** Frames a second until `n` have come. */
async function rate(keeper: Keeper, port: number, n: number): Promise<number> {
  const startMs = performance.now();
  let socket: WebSocket | undefined;
  await new Promise<void>((resolve) => {
    let nFrames = 0;
    const count = (): void => {
      if (++nFrames === n) resolve();
    };
    void subscribed(keeper, port, SUBPROTOCOL_MSGPACK, { topics: ['events'], since: 0 }, count).then((opened) => {
      socket = opened;
    });
  });
  const seconds = (performance.now() - startMs) / 1000;
  socket?.terminate();
  return n / seconds;
}
