import type { TimelineMessage } from '../protocol/messages.js';
import { contentTimeMicros } from '../timeline/record.js';
import type { Timeline } from '../timeline/timeline.js';

/** Records of one bed and one microsecond that are looked at; the tellings of a chirp are far fewer. */
const MAX_TIES = 10_000;

/**
 * For each record of a batch in the order of cursors: how many records of its bed with the same microsecond have lower
 * cursors. The timeline only grows, so a record has the same number whenever it is asked for.
 * @throws ChirpdError TIMELINE_CORRUPT
 */
export function tieNumbers(timeline: Pick<Timeline, 'inRange'>, messages: readonly TimelineMessage[]): number[] {
  const next = new Map<string, number>();
  return messages.map((message) => {
    const { bed, cursor } = message;
    const fromMicros = contentTimeMicros(message);
    const key = `${String(fromMicros)} ${bed}`;
    const number =
      next.get(key) ?? nBefore(timeline.inRange({ bed, fromMicros, toMicros: fromMicros + 1 }, MAX_TIES), cursor);
    next.set(key, number + 1);
    return number;
  });
}

function nBefore(ties: readonly TimelineMessage[], cursor: number): number {
  const at = ties.findIndex((tie) => tie.cursor >= cursor);
  return at === -1 ? ties.length : at;
}
