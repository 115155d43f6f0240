import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { composeDaemon } from '../../daemon/compose.js';
import { demonstrationConfig } from '../../daemon/config/embedded.js';
import { configForRecordings } from '../../daemon/config/for-recordings.js';
import { createLog } from '../../daemon/log.js';
import type { ProfileName } from '../../pipelines/core/profile.js';

export interface ReplayFigures {
  readonly wallSeconds: number;
  /** Processor time of the daemon's own process. */
  readonly mainCpuSeconds: number;
  /** Time inside the model's run calls, in the inference process. */
  readonly inferenceSeconds: number;
  readonly nCanvases: number;
  readonly nEvents: number;
  readonly loopDelayP50Ms: number;
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  readonly peakMegabytes: number;
}

/** What `chirpd replay --speed max` does, in this process: adapter, pipeline, model in its child process, timeline. */
export async function measureReplay(path: string, profile: ProfileName, threads: number): Promise<ReplayFigures> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'chirpd-bench-'));
  const base = demonstrationConfig();
  const config = await configForRecordings({
    files: [path],
    base: { ...base, model: { ...base.model, threads } },
    isBaseGiven: false,
    settings: { speed: 'max', profiles: [profile] },
  });
  let nEvents = 0;
  const log = createLog({ json: true, verbose: false, level: 'warn', write: (line) => process.stderr.write(line) });
  let started = 0;
  let cpuBefore = process.cpuUsage();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const daemon = composeDaemon(config, {
    version: 'bench',
    dataDirectory,
    log,
    serve: false,
    onBeds: (beds) => {
      for (const bed of beds) {
        bed.output$.subscribe((item) => {
          if (item.type === 'event') nEvents++;
        });
      }
      started = performance.now();
      cpuBefore = process.cpuUsage();
      delay.enable();
    },
  });
  try {
    await daemon.supervisor.start();
    await daemon.ended();
    const wallSeconds = (performance.now() - started) / 1000;
    delay.disable();
    const { user, system } = process.cpuUsage(cpuBefore);
    const statistics = daemon.detector()?.statistics();
    // The histogram counts from the timer's start: what is above its interval is delay.
    const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - 5);
    return {
      wallSeconds,
      mainCpuSeconds: (user + system) / 1e6,
      inferenceSeconds: (statistics?.inferenceMs ?? 0) / 1000,
      nCanvases: statistics?.nCanvases ?? 0,
      nEvents,
      loopDelayP50Ms: late(delay.percentile(50)),
      loopDelayP99Ms: late(delay.percentile(99)),
      loopDelayMaxMs: late(delay.max),
      peakMegabytes: process.resourceUsage().maxRSS / 1024,
    };
  } finally {
    await daemon.supervisor.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}
