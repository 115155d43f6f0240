import type { AlarmRulesMessage } from '../../../daemon/protocol/alarm-rules.js';
import type {
  AcknowledgementMessage,
  AlarmMessage,
  ConfigMessage,
  EventMessage,
  GapMessage,
  LabelMessage,
  StreamMessage,
  TimelineMessage,
} from '../../../daemon/protocol/messages.js';
import type { InfluxServer } from './influx-server.js';

type Row = Readonly<Record<string, unknown>>;

/** Everything that InfluxDB holds of a timeline, as the messages that it was made of, in the order of cursors. */
export async function influxRecords(server: InfluxServer, database = 'chirpd'): Promise<readonly TimelineMessage[]> {
  const [events, gaps, streams, alarms, acknowledgements, alarmRules, configs, labels] = await Promise.all([
    server.query('SELECT * FROM chirps', database),
    server.query('SELECT * FROM gaps', database),
    server.query('SELECT * FROM streams', database),
    server.query('SELECT * FROM alarms', database),
    server.query('SELECT * FROM acknowledgements', database),
    server.query('SELECT * FROM alarmRules', database),
    server.query('SELECT * FROM configs', database),
    server.query('SELECT * FROM labels', database),
  ]);
  const messages = [
    ...events.map(eventOf),
    ...gaps.map(gapOf),
    ...streams.map(streamOf),
    ...alarms.map(alarmOf),
    ...acknowledgements.map(acknowledgementOf),
    ...alarmRules.map(alarmRulesOf),
    ...configs.map(configOf),
    ...labels.map(labelOf),
  ];
  return messages.sort((a, b) => a.cursor - b.cursor);
}

function eventOf(row: Row): EventMessage {
  const event = {
    type: 'event',
    ...pick(row, 'cursor', 'id', 'revision', 'bed', 'phase', 'onsetSeconds', 'offsetSeconds', 'onsetTimeMicros'),
    ...pick(row, 'offsetTimeMicros', 'startFrequencyHz', 'middleFrequencyHz', 'endFrequencyHz', 'sweep'),
    ...pick(row, 'rateHzPerSecond', 'score', 'profile', 'newestSampleSeconds', 'newestSampleTimeMicros'),
    ...pick(row, 'toldTimeMicros', 'delayMs'),
    ...(row['mergedInto'] === null || row['mergedInto'] === undefined ? {} : pick(row, 'mergedInto')),
    spreads: {
      onsetSeconds: row['onsetSpreadSeconds'],
      offsetSeconds: row['offsetSpreadSeconds'],
      startFrequencyHz: row['startFrequencySpreadHz'],
      endFrequencyHz: row['endFrequencySpreadHz'],
    },
    derivations: JSON.parse(String(row['derivations'])) as unknown,
    model: {
      name: row['model'],
      sha256: row['modelSha256'],
      adapter: row['adapter'] ?? '',
      adapterSha256: row['adapterSha256'],
    },
  };
  return event as unknown as EventMessage;
}

function gapOf(row: Row): GapMessage {
  const gap = { type: 'gap', ...pick(row, 'cursor', 'bed', 'onsetTimeMicros', 'offsetTimeMicros', 'reason') };
  return gap as unknown as GapMessage;
}

function streamOf(row: Row): StreamMessage {
  const stream = { type: 'stream', ...pick(row, 'cursor', 'bed', 'timeMicros', 'what', 'text') };
  if (row['what'] !== 'annotation') return stream as unknown as StreamMessage;
  const annotation = {
    type: 'annotation',
    onsetSeconds: row['annotationOnsetSeconds'],
    durationSeconds: row['annotationDurationSeconds'],
    text: row['annotationText'],
  };
  return { ...stream, annotation } as unknown as StreamMessage;
}

function alarmOf(row: Row): AlarmMessage {
  const alarm = {
    type: 'alarm',
    ...pick(row, 'cursor', 'id', 'code', 'kind', 'priority', 'what', 'timeMicros', 'raisedTimeMicros', 'text'),
    ...pickThere(row, 'endedTimeMicros', 'isAcknowledged'),
    bed: row['bed'] ?? '',
  };
  return alarm as unknown as AlarmMessage;
}

function acknowledgementOf(row: Row): AcknowledgementMessage {
  const acknowledgement = {
    type: 'acknowledgement',
    ...pick(row, 'cursor', 'alarm', 'code', 'timeMicros', 'name', 'note'),
    bed: row['bed'] ?? '',
  };
  return acknowledgement as unknown as AcknowledgementMessage;
}

function labelOf(row: Row): LabelMessage {
  const label = {
    type: 'label',
    ...pick(row, 'cursor', 'bed', 'id', 'what', 'verdict', 'text', 'onsetTimeMicros', 'offsetTimeMicros'),
    ...pick(row, 'name', 'note', 'saidTimeMicros'),
    ...pickThere(row, 'event', 'startFrequencyHz', 'endFrequencyHz', 'profile'),
    timeMicros: row['onsetTimeMicros'],
    derivations: JSON.parse(String(row['derivations'])) as unknown,
  };
  return label as unknown as LabelMessage;
}

function alarmRulesOf(row: Row): AlarmRulesMessage {
  const change = {
    type: 'alarmRules',
    ...pick(row, 'cursor', 'bed', 'what', 'timeMicros', 'name', 'note', 'etag'),
    rules: JSON.parse(String(row['rules'])) as unknown,
    rulesBefore: JSON.parse(String(row['rulesBefore'])) as unknown,
  };
  return change as unknown as AlarmRulesMessage;
}

function configOf(row: Row): ConfigMessage {
  const config = {
    type: 'config',
    ...pick(row, 'cursor', 'timeMicros', 'digest', 'isFirst', 'nChanges'),
    bed: '',
    changes: JSON.parse(String(row['changes'])) as unknown,
  };
  return config as unknown as ConfigMessage;
}

function pick(row: Row, ...names: readonly string[]): Row {
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}

/** Of fields that not every record has. */
function pickThere(row: Row, ...names: readonly string[]): Row {
  return Object.fromEntries(
    names.filter((name) => row[name] !== null && row[name] !== undefined).map((name) => [name, row[name]]),
  );
}
