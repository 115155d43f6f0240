import type { BedHistory } from './bedHistory.js';
import type { Side } from './historyColumns.js';
import { clockText } from './timeText.js';
import { arrayWords } from './wordsArrays.js';

interface NoticeMoment {
  readonly nowMs: number;
  readonly serverTimeMicros: number;
  readonly isLate: boolean;
}

/** What stands across a picture of hours that is not there, or old; '' where it speaks for itself. */
export function historyNotice(
  history: BedHistory,
  sides: readonly Side[],
  isDescribed: boolean,
  { nowMs, serverTimeMicros, isLate }: NoticeMoment,
): string {
  const words = arrayWords();
  if (!isDescribed) return '';
  if (sides.length === 0) return words.noSides;
  switch (history.state) {
    case 'loading':
      return words.loading;
    case 'none':
      return words.none;
    case 'failed':
      return words.notLoaded;
    case 'there':
      if (isLate) return words.late(clockText(serverTimeMicros / 1000 - (history.ageMs(nowMs) ?? 0), false));
      return history.columns?.toMicros === 0 ? words.empty : '';
  }
}
