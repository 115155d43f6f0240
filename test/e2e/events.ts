import { readFileSync } from 'node:fs';
import type { EventMessage, TimelineMessage } from '../../daemon/protocol/messages.js';

/** What depends on when and where a run took place, and not on its samples. */
const WALL_CLOCK_FIELDS: ReadonlySet<string> = new Set<keyof EventMessage>(['cursor', 'toldTimeMicros', 'delayMs']);

export function eventsOf(messages: readonly TimelineMessage[]): readonly EventMessage[] {
  return messages.filter((message) => message.type === 'event');
}

/** The events of a file that `chirpd replay --events` wrote. */
export function readEventFile(path: string): readonly EventMessage[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  if (lines.pop() !== '') throw new Error(`${path} does not end with a whole line`);
  return lines.map((line) => JSON.parse(line) as EventMessage);
}

/** The same samples give the same text, whoever looked at them, and when. One line for each event. */
export function withoutWallClock(events: readonly EventMessage[]): readonly string[] {
  return events.map((event) =>
    JSON.stringify(Object.fromEntries(Object.entries(event).filter(([name]) => !WALL_CLOCK_FIELDS.has(name)))),
  );
}

/** Each chirp as it was told last, whatever the order of `events`: by cursor, or by time. */
export function chirpsOf(events: readonly EventMessage[]): readonly EventMessage[] {
  const byRevision = [...events].sort((a, b) => a.revision - b.revision);
  return [...new Map(byRevision.map((event) => [event.id, event])).values()];
}
