import type { BedInfo } from './protocol/messages.js';
import { influxReasons, type InfluxReport } from './influx/influx-report.js';
import type { Hub } from './server/hub.js';
import type { ServerFigures } from './server/server.js';
import type { LoopDelay, LoopDelayFigures } from './loop-delay.js';
import type { AppendQueue } from './timeline/append-queue.js';
import type { Recorder, RecordingReport } from './recording/recorder.js';
import type { Timeline } from './timeline/timeline.js';

/** A bed that streams in real time and has had no sample for this long is stale. */
const STALE_MS = 10_000;

export interface HealthSources {
  readonly version: string;
  readonly loopDelay: LoopDelay;
  readonly timeline: Timeline;
  readonly hub: Hub;
  readonly appendQueue?: AppendQueue;
  /** What the model's provider says about itself. */
  readonly model?: () => Readonly<Record<string, unknown>>;
  readonly influx?: () => InfluxReport | null;
  /** Undefined where nothing is recorded. */
  readonly recorder?: () => Pick<Recorder, 'report' | 'list'> | undefined;
}

/** Answer of `GET /v1/health`. */
export interface HealthReport {
  readonly status: 'ok' | 'degraded';
  /** Why it is degraded, for people. */
  readonly reasons: readonly string[];
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly loopDelay: LoopDelayFigures;
  readonly memoryBytes: number;
  readonly beds: readonly (BedInfo & { readonly stale: boolean })[];
  readonly model: Readonly<Record<string, unknown>> | null;
  readonly timeline: {
    readonly cursor: number;
    readonly oldestCursor: number;
    readonly sizeBytes: number;
    readonly usedBytes: number;
    readonly newestWriteMs: number;
    readonly nFailedWrites: number;
    readonly nConflicts: number;
    readonly nWaiting: number;
    readonly nLost: number;
  };
  /** Null without a section `influx` in the config. */
  readonly influx: InfluxReport | null;
  /** Null where nothing is recorded. */
  readonly recording: RecordingReport | null;
  /** Subscribers connected. */
  readonly nClients: number;
  /** Who is and was connected to `/v1/stream` and `/v1/ingest`; null where nothing listens. */
  readonly connections: ServerFigures | null;
}

export function healthReport(sources: HealthSources, connections?: ServerFigures): HealthReport {
  const { version, loopDelay, timeline, hub, appendQueue, model, influx } = sources;
  const beds = hub.beds().map((bed) => ({ ...bed, stale: isStale(bed) }));
  // What becomes of a replay is no fault of the daemon.
  const liveBeds = beds.filter(({ replay }) => replay === undefined);
  const influxReport = influx?.() ?? null;
  const recording = sources.recorder?.()?.report() ?? null;
  const reasons = [
    ...liveBeds
      .filter(({ state }) => state === 'failed')
      .map(({ bed, stateText }) => `bed ${bed} failed: ${stateText}`),
    ...liveBeds
      .filter(({ state }) => state === 'reconnecting')
      .map(({ bed, stateText }) => `bed ${bed} has lost its device: ${stateText}`),
    ...liveBeds.filter(({ stale }) => stale).map(({ bed }) => `bed ${bed} has had no samples for over 10 s`),
    ...(recording?.beds ?? [])
      .filter(({ problem }) => problem !== '')
      .map(({ bed, problem }) => `bed ${bed} is not recorded: ${problem}`),
    ...(appendQueue?.failure ? [appendQueue.failure] : []),
    ...(influxReport ? influxReasons(influxReport) : []),
    ...(appendQueue?.nLost ? [`${String(appendQueue.nLost)} records were lost`] : []),
  ];
  return {
    status: reasons.length === 0 ? 'ok' : 'degraded',
    reasons,
    version,
    uptimeSeconds: Math.round(process.uptime()),
    loopDelay: loopDelay.figures(),
    memoryBytes: process.memoryUsage.rss(),
    beds,
    model: model?.() ?? null,
    timeline: {
      cursor: timeline.newestCursor,
      oldestCursor: timeline.oldestCursor,
      sizeBytes: timeline.sizeBytes(),
      usedBytes: timeline.usedBytes(),
      newestWriteMs: Math.round(timeline.newestWriteMs * 100) / 100,
      nFailedWrites: timeline.nFailedWrites,
      nConflicts: timeline.nConflicts,
      nWaiting: appendQueue?.nWaiting ?? 0,
      nLost: appendQueue?.nLost ?? 0,
    },
    influx: influxReport,
    recording,
    nClients: connections?.stream.nConnected ?? 0,
    connections: connections ?? null,
  };
}

function isStale({ state, speed, newestAgeMs, replay }: BedInfo): boolean {
  return replay === undefined && state === 'streaming' && speed === 1 && newestAgeMs > STALE_MS;
}
