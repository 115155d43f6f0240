import { readdirSync, statfsSync } from 'node:fs';
import type { HealthReport } from '../health.js';
import type { InfluxReport } from '../influx/influx-report.js';
import type { BedInfo, OpenAlarm } from '../protocol/messages.js';
import type { ConnectionFigures } from '../server/connection-counters.js';

export interface MetricSample {
  readonly name: string;
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

type Samples = readonly MetricSample[];

const BED_STATES = [
  'starting',
  'streaming',
  'reconnecting',
  'ended',
  'failed',
] as const satisfies readonly BedInfo['state'][];
const INFLUX_STATES = [
  'connecting',
  'current',
  'catching-up',
  'failing',
] as const satisfies readonly InfluxReport['state'][];
const MICROS_PER_SECOND = 1e6;

/** Every metric's value at the moment of a report. @param dataDirectory on whose file system the timeline lies */
export function samplesOf(report: HealthReport, alarms: readonly OpenAlarm[], dataDirectory: string): Samples {
  return [
    ...ofDaemon(report),
    ...ofOverload(report.overload),
    // Replays come and go: a series for each would never end.
    ...report.beds.filter(({ replay }) => replay === undefined).flatMap(ofBed),
    ...ofAlarms(alarms),
    ...ofModel(report.model ?? {}),
    ...ofTimeline(report.timeline),
    ...ofDisk(dataDirectory),
    ...ofRecording(report.recording),
    ...ofInflux(report.influx),
    ...ofClients(report.connections),
    ...ofProcess(report),
  ];
}

function ofDaemon({ version, model, isLive, isReady, loopDelay }: HealthReport): Samples {
  const labels = { version, model: textOf(model?.['name']), provider: textOf(model?.['provider']) };
  return [
    { name: 'chirpd_info', value: 1, labels },
    { name: 'chirpd_live', value: Number(isLive) },
    { name: 'chirpd_ready', value: Number(isReady) },
    { name: 'chirpd_loop_delay_p50_seconds', value: loopDelay.p50Ms / 1000 },
    { name: 'chirpd_loop_delay_p99_seconds', value: loopDelay.p99Ms / 1000 },
    { name: 'chirpd_loop_delay_max_seconds', value: loopDelay.maxMs / 1000 },
  ];
}

function ofOverload(overload: HealthReport['overload']): Samples {
  if (overload === null) return [];
  const { level, loopDelayMs, nPendingSteps, oldestStepMs, latestBedMs, nTrendsLeftOut, nStepsLeftOut } = overload;
  return [
    { name: 'chirpd_overload_level', value: level },
    { name: 'chirpd_overload_loop_delay_seconds', value: loopDelayMs / 1000 },
    { name: 'chirpd_overload_pending_steps', value: nPendingSteps },
    { name: 'chirpd_overload_oldest_step_seconds', value: oldestStepMs / 1000 },
    { name: 'chirpd_overload_latest_bed_seconds', value: latestBedMs / 1000 },
    { name: 'chirpd_shed_total', value: nTrendsLeftOut, labels: { kind: 'trends' } },
    { name: 'chirpd_shed_total', value: nStepsLeftOut, labels: { kind: 'steps' } },
  ];
}

function ofBed(info: HealthReport['beds'][number]): Samples {
  const { bed, newestAgeMs, stale, channelFaults, clock, stepsLeftOut } = info;
  const labels = { bed };
  return [
    ...BED_STATES.map((state) => ({
      name: 'chirpd_bed_state',
      value: Number(state === info.state),
      labels: { bed, state },
    })),
    { name: 'chirpd_bed_newest_sample_age_seconds', value: newestAgeMs < 0 ? NaN : newestAgeMs / 1000, labels },
    { name: 'chirpd_bed_stale', value: Number(stale), labels },
    { name: 'chirpd_bed_channel_faults', value: channelFaults?.length ?? NaN, labels },
    { name: 'chirpd_bed_clock_drift_ppm', value: clock?.driftPpm ?? NaN, labels },
    { name: 'chirpd_bed_clock_jitter_seconds', value: (clock?.jitterMs ?? NaN) / 1000, labels },
    { name: 'chirpd_bed_steps_left_out_total', value: stepsLeftOut?.n ?? 0, labels },
  ];
}

function ofAlarms(alarms: readonly OpenAlarm[]): Samples {
  const counts = (['technical', 'physiological'] as const).flatMap((kind) =>
    (['high', 'medium', 'low'] as const).flatMap((priority) =>
      [true, false].map((isAcknowledged) => ({
        name: 'chirpd_alarms_open',
        value: alarms.filter(
          (alarm) =>
            alarm.kind === kind && alarm.priority === priority && (alarm.acknowledged !== null) === isAcknowledged,
        ).length,
        labels: { kind, priority, acknowledged: String(isAcknowledged) },
      })),
    ),
  );
  const technical = alarms
    .filter(({ kind }) => kind === 'technical')
    .map(({ code, priority, bed }) => ({ name: 'chirpd_technical_alarm', value: 1, labels: { code, priority, bed } }));
  return [...counts, ...technical];
}

function ofModel(model: Readonly<Record<string, unknown>>): Samples {
  const figure = (key: string): number => (typeof model[key] === 'number' ? model[key] : NaN);
  return [
    { name: 'chirpd_inference_canvases_total', value: figure('nCanvases') },
    { name: 'chirpd_inference_seen_canvases_total', value: figure('nSeen') },
    { name: 'chirpd_inference_batches_total', value: figure('nBatches') },
    { name: 'chirpd_inference_seconds_total', value: figure('inferenceMs') / 1000 },
    { name: 'chirpd_inference_waiting_canvases', value: figure('nWaiting') },
    { name: 'chirpd_inference_restarts_total', value: figure('nRestarts') },
  ];
}

function ofTimeline(timeline: HealthReport['timeline']): Samples {
  return [
    { name: 'chirpd_timeline_cursor', value: timeline.cursor },
    { name: 'chirpd_timeline_bytes', value: timeline.sizeBytes },
    { name: 'chirpd_timeline_used_bytes', value: timeline.usedBytes },
    { name: 'chirpd_timeline_write_seconds', value: timeline.newestWriteMs / 1000 },
    { name: 'chirpd_timeline_waiting_records', value: timeline.nWaiting },
    { name: 'chirpd_timeline_failed_writes_total', value: timeline.nFailedWrites },
    { name: 'chirpd_timeline_lost_records_total', value: timeline.nLost },
  ];
}

function ofDisk(folder: string): Samples {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return [
      { name: 'chirpd_data_free_bytes', value: bavail * bsize },
      { name: 'chirpd_data_size_bytes', value: blocks * bsize },
    ];
  } catch {
    // A file system that is gone is an alarm of the timeline.
    return [];
  }
}

function ofRecording(recording: HealthReport['recording']): Samples {
  if (recording === null) return [];
  return [
    { name: 'chirpd_recording_files', value: recording.nFiles },
    { name: 'chirpd_recording_bytes', value: recording.sizeBytes },
    ...recording.beds.map(({ bed, nSamplesLeftOut }) => ({
      name: 'chirpd_recording_left_out_samples_total',
      value: nSamplesLeftOut,
      labels: { bed },
    })),
  ];
}

function ofInflux(influx: HealthReport['influx']): Samples {
  if (influx === null) return [];
  const { nBehind, nQueued, nDropped, nTooOld, nUnreadable, nMissed } = influx;
  const missed = (reason: string, value: number): MetricSample => ({
    name: 'chirpd_influx_missed_records_total',
    value,
    labels: { reason },
  });
  return [
    ...INFLUX_STATES.map((state) => ({
      name: 'chirpd_influx_state',
      value: Number(state === influx.state),
      labels: { state },
    })),
    { name: 'chirpd_influx_behind_records', value: nBehind },
    { name: 'chirpd_influx_waiting_points', value: nQueued },
    { name: 'chirpd_influx_dropped_points_total', value: nDropped },
    missed('too old', nTooOld),
    missed('unreadable', nUnreadable),
    missed('deleted before it was sent', nMissed),
  ];
}

function ofClients(connections: HealthReport['connections']): Samples {
  if (connections === null) return [];
  const { stream, ingest } = connections;
  return [
    ...ofPath('stream', stream),
    ...ofPath('ingest', ingest),
    ...Object.entries(stream.nLeftOut).map(([topic, value]) => ({
      name: 'chirpd_client_left_out_messages_total',
      value,
      labels: { topic },
    })),
    { name: 'chirpd_client_max_behind_records', value: stream.maxBehind },
  ];
}

function ofPath(path: string, { nConnected, nAdmitted, nRefused, closed }: ConnectionFigures): Samples {
  const refused = (reason: string, value: number): MetricSample => ({
    name: 'chirpd_clients_refused_total',
    value,
    labels: { path, reason },
  });
  return [
    { name: 'chirpd_clients', value: nConnected, labels: { path } },
    { name: 'chirpd_clients_admitted_total', value: nAdmitted, labels: { path } },
    refused('in all', nRefused.inAll),
    refused('per address', nRefused.perAddress),
    ...Object.entries(closed).map(([code, value]) => ({
      name: 'chirpd_clients_closed_total',
      value,
      labels: { path, code },
    })),
  ];
}

function ofProcess({ memoryBytes }: HealthReport): Samples {
  const { user, system } = process.cpuUsage();
  return [
    { name: 'process_resident_memory_bytes', value: memoryBytes },
    { name: 'process_heap_bytes', value: process.memoryUsage().heapUsed },
    { name: 'process_open_fds', value: nOpenFiles() },
    { name: 'process_cpu_seconds_total', value: (user + system) / MICROS_PER_SECOND },
    { name: 'process_start_time_seconds', value: Date.now() / 1000 - process.uptime() },
  ];
}

function nOpenFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return NaN;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
