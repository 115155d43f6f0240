import type { LabelMessage } from '../protocol/messages.js';
import { floatField, integerField, textField, type Fields } from './field-text.js';
import type { InfluxPoint } from './influx-point.js';

const MICROS_PER_SECOND = 1e6;

export function labelTags({ bed, what, verdict }: LabelMessage): InfluxPoint['tags'] {
  return { bed, what, verdict };
}

export function labelFields(label: LabelMessage): Fields {
  const { event, startFrequencyHz, endFrequencyHz, profile, onsetTimeMicros, offsetTimeMicros } = label;
  return {
    cursor: integerField(label.cursor),
    id: textField(label.id),
    event: event === undefined ? undefined : textField(event),
    text: textField(label.text),
    onsetTimeMicros: integerField(onsetTimeMicros),
    offsetTimeMicros: integerField(offsetTimeMicros),
    durationSeconds: floatField((offsetTimeMicros - onsetTimeMicros) / MICROS_PER_SECOND),
    startFrequencyHz: startFrequencyHz === undefined ? undefined : floatField(startFrequencyHz),
    endFrequencyHz: endFrequencyHz === undefined ? undefined : floatField(endFrequencyHz),
    profile: profile === undefined ? undefined : textField(profile),
    derivations: textField(JSON.stringify(label.derivations)),
    name: textField(label.name),
    note: textField(label.note),
    saidTimeMicros: integerField(label.saidTimeMicros),
  };
}
