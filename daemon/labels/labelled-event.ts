import type { EventMessage, ReplayMark } from '../protocol/messages.js';
import { eventKey } from '../timeline/record.js';
import type { Timeline } from '../timeline/timeline.js';

/** Runs of a replay that is gone are looked through up to here. */
const MAX_RUNS = 100;

/** The newest telling of an event of a bed; undefined where there is none, or no longer. @throws ChirpdError TIMELINE_CORRUPT */
export function newestTelling(
  timeline: Pick<Timeline, 'byKey' | 'inRange'>,
  bed: string,
  id: string,
  replay?: ReplayMark,
): EventMessage | undefined {
  const live = lastTelling(timeline, id);
  if (live?.bed === bed) return live;
  const mark = replay ?? markOf(timeline, bed);
  if (mark === undefined) return undefined;
  const nRuns = replay === undefined ? MAX_RUNS : mark.run;
  for (let run = nRuns; run >= 1; run--) {
    const told = lastTelling(timeline, id, { ...mark, run });
    if (told?.bed === bed) return told;
  }
  return undefined;
}

/** Of a replay that is gone: what it told says whose it was. */
function markOf(timeline: Pick<Timeline, 'inRange'>, bed: string): ReplayMark | undefined {
  const all = { bed, fromMicros: Number.MIN_SAFE_INTEGER, toMicros: Number.MAX_SAFE_INTEGER };
  const [first] = timeline.inRange(all, 1);
  return first !== undefined && 'replay' in first ? first.replay : undefined;
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
