import type { HealthReport } from '../health.js';
import { booleanField, floatField, integerField, textField } from './field-text.js';
import { MEASUREMENTS, microsToNanos, type InfluxPoint } from './influx-point.js';

type ReportedBed = HealthReport['beds'][number];

/** The daemon and each of its beds at one moment of the wall clock. */
export function healthPoints(report: HealthReport, nowMicros: number): readonly InfluxPoint[] {
  const timeNanos = microsToNanos(nowMicros);
  return [daemonPoint(report, timeNanos), ...report.beds.map((bed) => bedPoint(bed, timeNanos))];
}

function daemonPoint(report: HealthReport, timeNanos: bigint): InfluxPoint {
  const { status, reasons, version, uptimeSeconds, loopDelay, memoryBytes, timeline, nClients } = report;
  return {
    measurement: MEASUREMENTS.daemon,
    tags: {},
    fields: {
      isOk: booleanField(status === 'ok'),
      reasons: textField(reasons.join('; ')),
      version: textField(version),
      uptimeSeconds: floatField(uptimeSeconds),
      memoryBytes: integerField(memoryBytes),
      loopDelayP99Ms: floatField(loopDelay.p99Ms),
      loopDelayMaxMs: floatField(loopDelay.maxMs),
      cursor: integerField(timeline.cursor),
      timelineBytes: integerField(timeline.sizeBytes),
      nWaiting: integerField(timeline.nWaiting),
      nLost: integerField(timeline.nLost),
      nClients: integerField(nClients),
    },
    timeNanos,
  };
}

function bedPoint(bed: ReportedBed, timeNanos: bigint): InfluxPoint {
  const { clock, channelFaults, newestAgeMs } = bed;
  return {
    measurement: MEASUREMENTS.beds,
    tags: { bed: bed.bed },
    fields: {
      state: textField(bed.state),
      isStreaming: booleanField(bed.state === 'streaming' && !bed.stale),
      newestAgeMs: newestAgeMs < 0 ? undefined : floatField(newestAgeMs),
      nChannelFaults: channelFaults && integerField(channelFaults.length),
      channelFaults:
        channelFaults && textField(channelFaults.map(({ label, state }) => `${label} ${state}`).join(', ')),
      driftPpm: clock && floatField(clock.driftPpm),
      jitterMs: clock && floatField(clock.jitterMs),
    },
    timeNanos,
  };
}
