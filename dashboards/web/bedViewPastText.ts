import type { BedModel } from './bedModel.js';
import type { PastState } from './bedViewPastPages.js';
import type { PastPage } from './bedViewPastRead.js';
import type { PastBarState } from './bedViewPastBar.js';
import { clockText, dateText, durationText } from './timeText.js';
import { pastWords } from './wordsPast.js';

/** When the page is. @param serverTimeMicros the daemon's clock */
export function pastBarState(
  bed: BedModel,
  beginMicros: number,
  seconds: number,
  page: PastPage | undefined,
  serverTimeMicros: number,
): PastBarState {
  const words = pastWords();
  const isRecording = bed.isRecording(serverTimeMicros);
  const [begin, end] = [beginMicros / 1000, beginMicros / 1000 + seconds * 1000];
  const utc = isRecording ? ' UTC' : '';
  // A recording's own clock stands where its newest sample is.
  const agoSeconds = ((isRecording ? bed.clockMicros : serverTimeMicros) - beginMicros) / 1e6;
  const duration = durationText(agoSeconds);
  const ago = isRecording ? words.agoInRecording(duration) : words.ago(duration);
  const events = page?.events?.filter(({ onsetTimeMicros }) => onsetTimeMicros / 1000 < end);
  const chirps = events === undefined ? words.eventsUnknown : words.chirps(events.length);
  return {
    when: `${dateText(begin, isRecording)} ${clockText(begin, isRecording)} – ${clockText(end, isRecording)}${utc}`,
    ago: agoSeconds < 0 ? words.ahead : ago,
    chirps: page === undefined ? '' : events?.length === 0 ? words.noChirps : chirps,
  };
}

export interface PastNotice {
  readonly text: string;
  /** Whether asking again may help. */
  readonly canRetry: boolean;
}

/** What stands across the page where there is no EEG to show; undefined where there is. */
export function pastNotice(bed: BedModel, state: PastState, beginMicros: number): PastNotice | undefined {
  const words = pastWords();
  if (state.type === 'loading') return { text: words.loading, canRetry: false };
  if (bed.info.replay !== undefined) return { text: words.nothingOfReplay, canRetry: false };
  if (state.type === 'failed') return { text: words.failed(state.reason || words.noAnswer), canRetry: true };
  if (state.page.samples !== undefined) return undefined;
  return { text: beginMicros > bed.clockMicros ? words.notYet : words.nothing, canRetry: false };
}

/** What stands where samples are missing: whether they never came, or are not kept any more. */
export function holeText(
  { gaps, askedAtMicros }: PastPage,
  fromSeconds: number,
  toSeconds: number,
  gap: string,
): string {
  const middle = ((fromSeconds + toSeconds) / 2) * 1e6;
  if (middle > askedAtMicros) return pastWords().notYetShort;
  const isGap = gaps.some(
    ({ onsetTimeMicros, offsetTimeMicros }) => onsetTimeMicros <= middle && offsetTimeMicros >= middle,
  );
  return isGap ? gap : pastWords().notKept;
}
