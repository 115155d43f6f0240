import { replayOf, type EventMessage, type ReplayMark } from '../protocol/messages.js';
import { eventKey } from '../timeline/record.js';
import type { Timeline } from '../timeline/timeline.js';

/** Runs of a replay that is gone are looked through from here. */
const MAX_RUNS = 100;

/**
 * The newest telling of an event of a bed; undefined where there is none, or no longer.
 * @param replay of a bed that is a replay
 * @throws ChirpdError TIMELINE_CORRUPT
 */
export function newestTelling(
  timeline: Pick<Timeline, 'byKey'>,
  bed: string,
  id: string,
  replay: ReplayMark | undefined,
): EventMessage | undefined {
  const live = lastTelling(timeline, id);
  if (live?.bed === bed) return live;
  for (let run = replay?.run ?? 0; run >= 1; run--) {
    const told = lastTelling(timeline, id, { id: replay?.id ?? '', run });
    if (told?.bed === bed) return told;
  }
  return undefined;
}

/** Of a replay that is gone: what it told says whose it was; its runs are looked through from a high one. */
export function markOfGone(timeline: Pick<Timeline, 'inRange'>, bed: string): ReplayMark | undefined {
  const all = { bed, fromMicros: Number.MIN_SAFE_INTEGER, toMicros: Number.MAX_SAFE_INTEGER };
  const [first] = timeline.inRange(all, 1);
  const mark = first === undefined ? undefined : replayOf(first);
  return mark && { ...mark, run: MAX_RUNS };
}

/** Old tellings may have been deleted before newer ones, so the newest is looked for from above. */
function lastTelling(timeline: Pick<Timeline, 'byKey'>, id: string, replay?: ReplayMark): EventMessage | undefined {
  let last: EventMessage | undefined;
  for (let revision = 0, nMissing = 0; nMissing < MAX_MISSING; revision++) {
    const told = timeline.byKey(eventKey(id, revision, replay));
    if (told?.type === 'event') [last, nMissing] = [told, 0];
    else if (last !== undefined || ++nMissing >= MAX_MISSING) break;
  }
  return last;
}

/** Tellings that may have been deleted from the beginning of an event. */
const MAX_MISSING = 16;
