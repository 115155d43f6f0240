import type { EventMessage, GapMessage, StreamMessage, TimelineMessage } from '../protocol/messages.js';
import { alarmPoint } from './alarm-points.js';
import { labelFields, labelTags } from './label-points.js';
import { contentTimeMicros } from '../timeline/record.js';
import { floatField, integerField, textField, type Fields } from './field-text.js';
import { MEASUREMENTS, microsToNanos, type InfluxPoint } from './influx-point.js';

const MICROS_PER_SECOND = 1e6;

/**
 * A record of the timeline as a point; `cursor` is a field of each.
 * @param tieNumber how many records of the bed with the same microsecond come before it: nanoseconds of its time, so that
 * two tellings of one chirp are two points
 */
export function timelinePoint(message: TimelineMessage, tieNumber: number): InfluxPoint {
  const timeNanos = microsToNanos(contentTimeMicros(message)) + BigInt(tieNumber);
  switch (message.type) {
    case 'event':
      return { measurement: MEASUREMENTS.chirps, tags: eventTags(message), fields: eventFields(message), timeNanos };
    case 'gap':
      return { measurement: MEASUREMENTS.gaps, tags: gapTags(message), fields: gapFields(message), timeNanos };
    case 'stream':
      return { measurement: MEASUREMENTS.streams, tags: streamTags(message), fields: streamFields(message), timeNanos };
    case 'label':
      return { measurement: MEASUREMENTS.labels, tags: labelTags(message), fields: labelFields(message), timeNanos };
    case 'alarm':
    case 'acknowledgement':
    case 'alarmRules':
    case 'config':
      return { ...alarmPoint(message), timeNanos };
  }
}

function eventTags({ bed, phase, profile, model }: EventMessage): InfluxPoint['tags'] {
  return { bed, phase, profile, model: model.name, adapter: model.adapter };
}

function eventFields(event: EventMessage): Fields {
  const { spreads, derivations, model, mergedInto } = event;
  return {
    cursor: integerField(event.cursor),
    id: textField(event.id),
    revision: integerField(event.revision),
    mergedInto: mergedInto === undefined ? undefined : textField(mergedInto),
    onsetSeconds: floatField(event.onsetSeconds),
    offsetSeconds: floatField(event.offsetSeconds),
    durationSeconds: floatField(event.offsetSeconds - event.onsetSeconds),
    onsetTimeMicros: integerField(event.onsetTimeMicros),
    offsetTimeMicros: integerField(event.offsetTimeMicros),
    startFrequencyHz: floatField(event.startFrequencyHz),
    middleFrequencyHz: floatField(event.middleFrequencyHz),
    endFrequencyHz: floatField(event.endFrequencyHz),
    sweep: textField(event.sweep),
    rateHzPerSecond: floatField(event.rateHzPerSecond),
    score: floatField(event.score),
    onsetSpreadSeconds: floatField(spreads.onsetSeconds),
    offsetSpreadSeconds: floatField(spreads.offsetSeconds),
    startFrequencySpreadHz: floatField(spreads.startFrequencyHz),
    endFrequencySpreadHz: floatField(spreads.endFrequencyHz),
    nDerivations: integerField(derivations.length),
    derivations: textField(JSON.stringify(derivations)),
    modelSha256: textField(model.sha256),
    adapterSha256: textField(model.adapterSha256),
    newestSampleSeconds: floatField(event.newestSampleSeconds),
    newestSampleTimeMicros: integerField(event.newestSampleTimeMicros),
    toldTimeMicros: integerField(event.toldTimeMicros),
    delayMs: floatField(event.delayMs),
  };
}

function gapTags({ bed, reason }: GapMessage): InfluxPoint['tags'] {
  return { bed, reason };
}

function gapFields({ cursor, onsetTimeMicros, offsetTimeMicros }: GapMessage): Fields {
  return {
    cursor: integerField(cursor),
    onsetTimeMicros: integerField(onsetTimeMicros),
    offsetTimeMicros: integerField(offsetTimeMicros),
    durationSeconds: floatField((offsetTimeMicros - onsetTimeMicros) / MICROS_PER_SECOND),
  };
}

function streamTags({ bed, what }: StreamMessage): InfluxPoint['tags'] {
  return { bed, what };
}

function streamFields({ cursor, timeMicros, text, annotation }: StreamMessage): Fields {
  return {
    cursor: integerField(cursor),
    timeMicros: integerField(timeMicros),
    text: textField(text),
    annotationOnsetSeconds: annotation && floatField(annotation.onsetSeconds),
    annotationDurationSeconds: annotation && floatField(annotation.durationSeconds),
    annotationText: annotation && textField(annotation.text),
  };
}
