import {
  isUnknownRecord,
  type EventMessage,
  type LabelMessage,
  type TimelineMessage,
  type UnknownRecord,
} from '../protocol/messages.js';

/** One line for a person about something in the timeline. */
export function timelineLine(message: TimelineMessage | UnknownRecord): string {
  return isUnknownRecord(message) ? unknownLine(message) : knownLine(message);
}

/** Of a newer daemon. */
function unknownLine({ type, cursor, bed, timeMicros, onsetTimeMicros }: UnknownRecord): string {
  const time = [timeMicros, onsetTimeMicros].find((value) => typeof value === 'number' && Math.abs(value) < MAX_MICROS);
  const when = typeof time === 'number' ? timeText(time) : 'at a time that is not told';
  const where = typeof bed === 'string' && bed !== '' ? bed : 'chirpd';
  return `${when}  ${where}  ${type}: a record that this chirpd does not know (cursor ${String(cursor)}; --json shows it)`;
}

function knownLine(message: TimelineMessage): string {
  switch (message.type) {
    case 'event':
      return eventLine(message);
    case 'gap': {
      const seconds = ((message.offsetTimeMicros - message.onsetTimeMicros) / 1e6).toFixed(1);
      return `${timeText(message.onsetTimeMicros)}  ${message.bed}  no signal for ${seconds} s (${message.reason})`;
    }
    case 'stream': {
      const text = message.text === '' ? '' : `: ${message.text}`;
      return `${timeText(message.timeMicros)}  ${message.bed}  ${message.what}${text}`;
    }
    case 'alarm': {
      const { timeMicros, bed, priority, what, text } = message;
      return `${timeText(timeMicros)}  ${bed || 'chirpd'}  alarm ${what} (${priority}): ${text}`;
    }
    case 'acknowledgement': {
      const note = message.note === '' ? '' : `: ${message.note}`;
      const { timeMicros, bed, code, name } = message;
      return `${timeText(timeMicros)}  ${bed || 'chirpd'}  alarm ${code} acknowledged by ${name}${note}`;
    }
    case 'label':
      return labelLine(message);
    case 'alarmRules': {
      const note = message.note === '' ? '' : `: ${message.note}`;
      const { timeMicros, bed, what, name, rules } = message;
      const now = what === 'withdrawn' ? 'back to those of the config' : `now ${String(rules.length)}`;
      return `${timeText(timeMicros)}  ${bed}  alarm rules ${what} by ${name} (${now})${note}`;
    }
    case 'config': {
      const keys = message.changes.map(({ key }) => key);
      const more = message.nChanges > keys.length ? ` and ${String(message.nChanges - keys.length)} more` : '';
      const changes = message.isFirst ? 'recorded' : `changed: ${keys.join(', ')}${more}`;
      return `${timeText(message.timeMicros)}  chirpd  config ${changes}`;
    }
  }
}

function eventLine(event: EventMessage): string {
  const parts = [
    timeText(event.onsetTimeMicros),
    event.bed,
    `chirp ${event.phase}`,
    `${event.onsetSeconds.toFixed(1)}-${event.offsetSeconds.toFixed(1)} s`,
    `${event.startFrequencyHz.toFixed(1)} to ${event.endFrequencyHz.toFixed(1)} Hz`,
    `score ${event.score.toFixed(2)}`,
    derivationsText(event.derivations.map(({ label }) => label)),
  ];
  return parts.join('  ');
}

function labelLine({ onsetTimeMicros, bed, what, verdict, text, event, name, note }: LabelMessage): string {
  const said = `${verdict}${text === '' ? '' : ` (${text})`}${event === undefined ? '' : ` event ${event}`}`;
  const parts = [
    timeText(onsetTimeMicros),
    bed,
    `label ${what === 'given' ? said : `withdrawn: ${said}`}`,
    `by ${name}${note === '' ? '' : `: ${note}`}`,
  ];
  return parts.join('  ');
}

/** Of a time that a Date can be. */
const MAX_MICROS = 8.64e18;
const MAX_DERIVATIONS = 4;

/** The first few, and how many there are besides. */
export function derivationsText(labels: readonly string[]): string {
  const shown = labels.slice(0, MAX_DERIVATIONS).join(', ');
  return labels.length > MAX_DERIVATIONS ? `${shown} +${String(labels.length - MAX_DERIVATIONS)}` : shown;
}

/** A recording's local time is kept as UTC, so it is shown as UTC. */
export function timeText(timeMicros: number): string {
  return new Date(timeMicros / 1000).toISOString().slice(0, 23).replace('T', ' ');
}
