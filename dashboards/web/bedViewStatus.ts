import type { BedModel, Freshness } from './bedModel.js';
import { bedStatus } from './bedStatus.js';
import { clockText, durationText } from './timeText.js';

export interface BedViewStatus {
  readonly freshness: Freshness;
  readonly state: string;
  readonly age: string;
  /** What stands across the page when it is not live; empty when it is. */
  readonly notice: string;
}

/** What is known of the page's own samples, which come on a connection of their own. */
export interface PageAge {
  readonly nowMs: number;
  /** This place's clock, Unix milliseconds. */
  readonly wallMs: number;
  /** Since when no sample has come, on the clock of `nowMs`; undefined while they come. */
  readonly staleSinceMs: number | undefined;
}

/**
 * The status of the bed as its tile has it, with the moment since when nothing has come. It is stale, too, where only the
 * page's samples stay away.
 *
 * @param lostSince clock text of the moment the connection was lost; undefined while it stands
 */
export function viewStatus(
  bed: BedModel,
  age: PageAge,
  recording: boolean,
  lostSince: string | undefined,
): BedViewStatus {
  const { nowMs, wallMs, staleSinceMs } = age;
  const status = bedStatus(bed, nowMs, recording, lostSince);
  if (lostSince !== undefined) return status;
  const sinceText = (ageMs: number): string => `, since ${clockText(wallMs - ageMs, false)}`;
  if (status.freshness === 'stale') {
    const ageMs = bed.ageMs(nowMs);
    return ageMs < 0 ? status : { ...status, notice: withSince(status.notice, sinceText(ageMs)) };
  }
  if (status.freshness !== 'fresh' || staleSinceMs === undefined) return status;
  const ageMs = nowMs - staleSinceMs;
  const notice = `Not live: no EEG for ${durationText(ageMs / 1000)}${sinceText(ageMs)}`;
  return { ...status, freshness: 'stale', state: 'No EEG', notice };
}

/** The moment stands behind what it is about, before a reason that may follow. */
function withSince(notice: string, since: string): string {
  const end = notice.indexOf(' old');
  return end < 0 ? notice + since : notice.slice(0, end + 4) + since + notice.slice(end + 4);
}
