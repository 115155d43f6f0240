import type { AlarmRulesMessage } from '../protocol/alarm-rules.js';
import type { AcknowledgementMessage, AlarmMessage, ConfigMessage } from '../protocol/messages.js';
import { booleanField, integerField, textField } from './field-text.js';
import { MEASUREMENTS, type InfluxPoint } from './influx-point.js';

/** Alarms, acknowledgements, changes of alarm rules and of the config as points; what concerns no bed has no tag `bed`. */
export function alarmPoint(
  message: AlarmMessage | AcknowledgementMessage | AlarmRulesMessage | ConfigMessage,
): Pick<InfluxPoint, 'measurement' | 'tags' | 'fields'> {
  const { bed, cursor, timeMicros } = message;
  const common = { cursor: integerField(cursor), timeMicros: integerField(timeMicros) };
  switch (message.type) {
    case 'alarm': {
      const { code, kind, priority, what, id, raisedTimeMicros, endedTimeMicros, isAcknowledged, text } = message;
      return {
        measurement: MEASUREMENTS.alarms,
        tags: { bed, code, kind, priority, what },
        fields: {
          ...common,
          id: textField(id),
          raisedTimeMicros: integerField(raisedTimeMicros),
          ...(endedTimeMicros !== undefined && { endedTimeMicros: integerField(endedTimeMicros) }),
          ...(isAcknowledged && { isAcknowledged: booleanField(isAcknowledged) }),
          text: textField(text),
        },
      };
    }
    case 'acknowledgement': {
      const { code, alarm, name, note } = message;
      return {
        measurement: MEASUREMENTS.acknowledgements,
        tags: { bed, code },
        fields: { ...common, alarm: textField(alarm), name: textField(name), note: textField(note) },
      };
    }
    case 'alarmRules': {
      const { what, name, note, etag, rules, rulesBefore } = message;
      return {
        measurement: MEASUREMENTS.alarmRules,
        tags: { bed, what },
        fields: {
          ...common,
          ...{ name: textField(name), note: textField(note), etag: textField(etag) },
          ...{ rules: textField(JSON.stringify(rules)), rulesBefore: textField(JSON.stringify(rulesBefore)) },
        },
      };
    }
    case 'config': {
      const { digest, isFirst, changes, nChanges } = message;
      return {
        measurement: MEASUREMENTS.configs,
        tags: { bed },
        fields: {
          ...common,
          digest: textField(digest),
          isFirst: booleanField(isFirst),
          changes: textField(JSON.stringify(changes)),
          nChanges: integerField(nChanges),
        },
      };
    }
  }
}
