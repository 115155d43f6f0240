import type { EventMessage, TimelineMessage } from '../../daemon/protocol/messages.js';
import { chirpsOf, eventsOf, withoutWallClock } from '../e2e/events.js';
import { PERIOD_SECONDS } from './periodic-bed.js';

/** Chirps that began in each whole period of a bed. */
export function chirpsPerPeriod(records: readonly TimelineMessage[], bed: string, nPeriods: number): readonly number[] {
  const counts = Array.from({ length: nPeriods }, () => 0);
  for (const { onsetSeconds } of chirpsOf(eventsOf(records).filter((event) => event.bed === bed))) {
    const period = Math.floor(onsetSeconds / PERIOD_SECONDS);
    if (period < nPeriods) counts[period] = (counts[period] ?? 0) + 1;
  }
  return counts;
}

/** Everything told of a bed up to a time of its stream, apart from when it was told. */
export function toldUpTo(records: readonly TimelineMessage[], bed: string, seconds: number): readonly string[] {
  const events = eventsOf(records).filter((event) => event.bed === bed && isUpTo(event, seconds));
  return withoutWallClock(events).toSorted();
}

function isUpTo({ newestSampleSeconds }: EventMessage, seconds: number): boolean {
  return newestSampleSeconds <= seconds;
}
