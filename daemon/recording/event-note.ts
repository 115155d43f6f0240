import { type EventMessage, replayOf, type TimelineMessage } from '../protocol/messages.js';
import type { Note } from './annotation-list.js';

/** What of a record of the timeline stands in its bed's recording. Else undefined. */
export function timelineNote(message: TimelineMessage): Note | undefined {
  if (replayOf(message) !== undefined) return undefined;
  if (message.type === 'event') return eventNote(message);
  if (message.type !== 'stream' || message.what !== 'shed') return undefined;
  return { timeMicros: message.timeMicros, durationMicros: 0, text: `chirpd: ${message.text}` };
}

/** What of an event stands in a recording: that a chirp begins, and how it was when it had ended. Else undefined. */
export function eventNote(event: EventMessage): Note | undefined {
  if (event.phase === 'update') return undefined;
  const { onsetTimeMicros, offsetTimeMicros, startFrequencyHz, endFrequencyHz, sweep, score, profile, id } = event;
  const where = event.derivations.map(({ label }) => label).join(' ');
  const tail = `score ${score.toFixed(2)}, ${profile}, ${where}, id ${id}`;
  if (event.phase === 'onset') {
    const text = `chirpd: chirp begins at ${startFrequencyHz.toFixed(1)} Hz, ${tail}`;
    return { timeMicros: onsetTimeMicros, durationMicros: 0, text };
  }
  // A chirp that goes on is noted again, and readers sort notes by time: an onset may have moved back.
  const revision = `, revision ${String(event.revision)}`;
  const merged = event.mergedInto === undefined ? '' : `, merged into ${event.mergedInto}`;
  return {
    timeMicros: onsetTimeMicros,
    durationMicros: offsetTimeMicros - onsetTimeMicros,
    text: `chirpd: chirp ${startFrequencyHz.toFixed(1)}-${endFrequencyHz.toFixed(1)} Hz ${sweep}, ${tail}${revision}${merged}`,
  };
}
