import type { BedModel, Freshness } from './bedModel.js';
import { bedStatus } from './bedStatus.js';
import type { Said } from './said.js';
import { durationText, momentText } from './timeText.js';
import { statusWords } from './wordsStatus.js';

export interface BedViewStatus {
  readonly freshness: Freshness;
  readonly state: string;
  readonly age: string;
  /** What stands across the page when it is not live; its text is empty when it is. */
  readonly notice: Said;
}

/** What is known of the page's own samples, which come on a connection of their own. */
export interface PageAge {
  readonly nowMs: number;
  /** The daemon's clock, Unix milliseconds. */
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
  const sinceText = (ageMs: number): string =>
    statusWords().since(momentText(wallMs - ageMs, { utc: false, todayMs: wallMs }));
  if (status.freshness === 'stale') {
    const ageMs = bed.ageMs(nowMs);
    return ageMs < 0 ? status : bedStatus(bed, nowMs, recording, lostSince, sinceText(ageMs));
  }
  if (status.freshness !== 'fresh' || staleSinceMs === undefined) return status;
  const ageMs = nowMs - staleSinceMs;
  const text = statusWords().noEegFor(durationText(ageMs / 1000), sinceText(ageMs));
  return { ...status, freshness: 'stale', state: statusWords().noEeg, notice: { text, detail: '' } };
}
