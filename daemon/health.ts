import { isStale } from './alarms/conditions.js';
import type { BedInfo, OpenAlarm } from './protocol/messages.js';
import type { InfluxReport } from './influx/influx-report.js';
import type { Hub } from './server/hub.js';
import type { ServerFigures } from './server/server.js';
import type { OverloadReport } from './overload/overload.js';
import type { LoopDelay, LoopDelayFigures } from './loop-delay.js';
import type { Liveness } from './service/liveness.js';
import type { AppendQueue } from './timeline/append-queue.js';
import type { Recorder, RecordingReport } from './recording/recorder.js';
import type { Reloads } from './reload/reloads.js';
import type { Timeline } from './timeline/timeline.js';

export interface HealthSources {
  readonly version: string;
  readonly loopDelay: LoopDelay;
  readonly timeline: Timeline;
  readonly hub: Hub;
  readonly appendQueue?: AppendQueue;
  /** What the model's provider says about itself. */
  readonly model?: () => Readonly<Record<string, unknown>>;
  readonly influx?: () => InfluxReport | null;
  /** Left out: it is taken to be well. */
  readonly liveness?: Pick<Liveness, 'standstill' | 'notReady'>;
  /** Left out: nothing is ever left out. */
  readonly overload?: () => OverloadReport | null;
  /** Open alarms, after a look at what is wrong now. */
  readonly alarms?: () => readonly OpenAlarm[];
  /** Left out: the config stays as it is. */
  readonly reloads?: Pick<Reloads, 'state' | 'problem'> | undefined;
  /** Undefined where nothing is recorded. */
  readonly recorder?: () => Pick<Recorder, 'report' | 'list'> | undefined;
}

/** Answer of `GET /v1/health`. */
export interface HealthReport {
  readonly status: 'ok' | 'degraded';
  /** Why it is degraded, for people: the texts of the open technical alarms. */
  readonly reasons: readonly string[];
  /** False where it stands still and should be started again, as `/v1/health/live` has it. */
  readonly isLive: boolean;
  /** False where it finds or tells no events now, as `/v1/health/ready` has it. */
  readonly isReady: boolean;
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly loopDelay: LoopDelayFigures;
  readonly memoryBytes: number;
  /** Whether it keeps up with its live beds, and what is left out where it does not; null where nothing ever is. */
  readonly overload: OverloadReport | null;
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
  /** Null where the daemon runs without a config file. */
  readonly config: {
    readonly file: string;
    /** Since when the config that is in force is. */
    readonly inForceSinceMicros: number;
    /** Why the file was not taken at the last reload; '' where it was, or there was none. */
    readonly problem: string;
    /** Settings that the file had then and that only a restart puts in force. */
    readonly needsRestart: readonly string[];
  } | null;
  /** Subscribers connected. */
  readonly nClients: number;
  /** Who is and was connected to `/v1/stream` and `/v1/ingest`; null where nothing listens. */
  readonly connections: ServerFigures | null;
}

export function healthReport(sources: HealthSources, connections?: ServerFigures): HealthReport {
  const { version, loopDelay, timeline, hub, appendQueue, model, influx } = sources;
  const beds = hub.beds().map((bed) => ({ ...bed, stale: isStale(bed) }));
  const influxReport = influx?.() ?? null;
  const recording = sources.recorder?.()?.report() ?? null;
  const technical = (sources.alarms?.() ?? []).filter(({ kind }) => kind === 'technical');
  const reasons = technical.map(({ text }) => text);
  return {
    status: reasons.length === 0 ? 'ok' : 'degraded',
    reasons,
    isLive: liveAnswer(sources).isLive,
    isReady: readyAnswer(sources).isReady,
    version,
    uptimeSeconds: Math.round(process.uptime()),
    loopDelay: loopDelay.figures(),
    memoryBytes: process.memoryUsage.rss(),
    overload: sources.overload?.() ?? null,
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
    config: configHealth(sources.reloads),
    nClients: connections?.stream.nConnected ?? 0,
    connections: connections ?? null,
  };
}

function configHealth(reloads: HealthSources['reloads']): HealthReport['config'] {
  if (reloads === undefined || reloads.state.file === null) return null;
  const { file, inForceSinceMicros, last } = reloads.state;
  return { file, inForceSinceMicros, problem: reloads.problem, needsRestart: last?.needsRestart ?? [] };
}

/** Answer of `GET /v1/health/live`. */
export interface LiveAnswer {
  readonly isLive: boolean;
  /** Why it stands still; '' while it does not. */
  readonly reason: string;
}

/** Answer of `GET /v1/health/ready`. */
export interface ReadyAnswer {
  readonly isReady: boolean;
  readonly reasons: readonly string[];
}

export function liveAnswer({ liveness }: Pick<HealthSources, 'liveness'>): LiveAnswer {
  const reason = liveness?.standstill() ?? '';
  return { isLive: reason === '', reason };
}

export function readyAnswer({ liveness }: Pick<HealthSources, 'liveness'>): ReadyAnswer {
  const reasons = liveness?.notReady() ?? [];
  return { isReady: reasons.length === 0, reasons };
}
