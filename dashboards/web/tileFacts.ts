import type { BedInfo, OpenAlarm } from '../../daemon/protocol/messages.js';
import type { BedModel, Freshness } from './bedModel.js';
import { faultsText } from './bedStatus.js';
import { clockText, momentText } from './timeText.js';
import { tileWords } from './wordsTile.js';

/** The board's own reading of the timeline: what happened before is not known. */
const KNOWN_HOURS = 2;

export interface FactText {
  readonly text: string;
  readonly title: string;
}

/** How well the channels can be trusted, in few words; empty where nobody knows, or the words would be of the past. */
export function signalText({ channelFaults }: Pick<BedInfo, 'channelFaults'>, freshness: Freshness): FactText {
  if (channelFaults === undefined || freshness !== 'fresh') return { text: '', title: '' };
  const words = tileWords();
  if (channelFaults.length === 0) return { text: words.signalGood, title: '' };
  const faults = faultsText({ channelFaults });
  return { text: words.signalFaulty(channelFaults.length, faults), title: words.signalTitle(faults) };
}

export interface SinceMoment {
  readonly nowMs: number;
  readonly serverTimeMicros: number;
  readonly isRecording: boolean;
  readonly freshness: Freshness;
  /** When the device was found again last, Unix microseconds; undefined: not in the last two hours. */
  readonly resumedMicros: number | undefined;
}

/** Since when the bed's alarm holds, or else its state; empty where nobody knows, and for what is not of today. */
export function sinceText(bed: BedModel, alarm: OpenAlarm | undefined, moment: SinceMoment): string {
  const words = tileWords();
  const nowMs = moment.serverTimeMicros / 1000;
  const at = (unixMs: number): string => momentText(unixMs, { utc: false, todayMs: nowMs });
  if (alarm !== undefined) {
    const raised = at(alarm.raisedTimeMicros / 1000);
    return alarm.endedTimeMicros === undefined ? words.alarmSince(raised) : words.alarmOver(raised);
  }
  const ageMs = bed.ageMs(moment.nowMs);
  switch (moment.freshness) {
    case 'waiting':
      return '';
    case 'stale':
      return ageMs < 0 ? '' : words.noDataSince(at(nowMs - ageMs));
    case 'ended':
      return ageMs < 0 ? '' : words.endedAt(at(nowMs - ageMs));
    case 'failed':
      return ageMs < 0 ? '' : words.failedSince(at(nowMs - ageMs));
    case 'fresh':
      return moment.isRecording ? '' : liveText(bed, moment, nowMs);
  }
}

function liveText(bed: BedModel, { resumedMicros }: SinceMoment, nowMs: number): string {
  const sinceMs = Math.max(bed.info.startTimeMicros, resumedMicros ?? 0) / 1000;
  // A device that was away earlier than the board looks back is not known of.
  if (nowMs - sinceMs > KNOWN_HOURS * 3600e3) return tileWords().liveOver(KNOWN_HOURS);
  return tileWords().liveSince(clockText(sinceMs, false));
}
