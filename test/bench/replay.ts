import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { composeDaemon } from '../../daemon/compose.js';
import { demonstrationConfig } from '../../daemon/config/embedded.js';
import { configForRecordings } from '../../daemon/config/for-recordings.js';
import { createLog } from '../../daemon/log.js';
import type { ProfileName } from '../../pipelines/core/profile.js';
import type { BenchContext, Benchmark } from './benchmark.js';
import { writeRecording } from './recording.js';
import type { Figure, Findings } from './result.js';
import { measureStages } from './stages.js';

export const replayBenchmark: Benchmark = {
  name: 'replay',
  title: 'end to end: a recording of 23 channels replayed as fast as it goes, and where the time goes',
  minutes: 1.5,
  isDefault: true,
  run: runReplay,
};

async function runReplay({ settings, folder, say }: BenchContext): Promise<Findings> {
  const seconds = Math.round(60 * (settings.minutes ?? (settings.quick ? 0.5 : 10)));
  const threads = settings.threads ?? availableParallelism();
  const path = join(folder, 'recording.edf');
  say(`writing ${seconds} s of 23 channels at 256 Hz`);
  await writeRecording(path, seconds);
  say('reading and signal processing alone');
  const stages = await measureStages(path, settings.profile);
  say('the whole replay');
  const replay = await measureReplay(path, settings.profile, threads);
  const rest = Math.max(0, replay.mainCpuSeconds - stages.readingSeconds - stages.dspSeconds);
  const figure = (name: string, value: number, unit: string, better: Figure['better'] = 'less'): Figure => {
    return { name, value, unit, better };
  };
  return {
    figures: [
      figure('threads', threads, `of the model; profile ${settings.profile}, 18 derivations`, 'none'),
      figure('realTimeFactor', seconds / replay.wallSeconds, 'times real time (target 20)', 'more'),
      figure('reading', (1000 * stages.readingSeconds) / seconds, 'ms of a core for a second of the recording'),
      figure('signalProcessing', (1000 * stages.dspSeconds) / seconds, 'ms, the same'),
      figure('inference', (1000 * replay.inferenceSeconds) / seconds, 'ms of the model, the same'),
      figure('theRest', (1000 * rest) / seconds, 'ms of a core, the same'),
      figure('loopDelayP50', replay.loopDelayP50Ms, 'ms'),
      figure('loopDelayP99', replay.loopDelayP99Ms, 'ms (target 20)'),
      figure('loopDelayMax', replay.loopDelayMaxMs, 'ms'),
      figure('canvases', replay.nCanvases / replay.inferenceSeconds, 'a second of the model', 'more'),
      figure('events', replay.nEvents, 'tellings', 'none'),
      figure('peakMemory', replay.peakMegabytes, 'MB of this process'),
    ],
    details: { ...stages, ...replay, recordingSeconds: seconds },
  };
}

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
