import type { BedInfo } from '../../daemon/protocol/messages.js';
import type { BedModel, Freshness } from './bedModel.js';
import { withoutCode } from './alarmText.js';
import type { Said } from './said.js';
import { durationText } from './timeText.js';
import { chirpWords, faultWords, statusWords } from './wordsStatus.js';
import { waitText } from './wordsReasons.js';

export interface BedStatus {
  readonly freshness: Freshness;
  /** What the stream is doing, in a few words. */
  readonly state: string;
  /** How old the newest sample is. */
  readonly age: string;
  /** What stands across the picture when it is not live; its text is empty when it is. */
  readonly notice: Said;
}

/**
 * @param lostSince clock text of the moment the connection was lost; undefined while it stands
 * @param since stands behind how old the newest sample is
 */
export function bedStatus(
  bed: BedModel,
  nowMs: number,
  recording: boolean,
  lostSince: string | undefined,
  since = '',
): BedStatus {
  const words = statusWords();
  const freshness = bed.freshness(nowMs, lostSince === undefined);
  const ageMs = bed.ageMs(nowMs);
  const age = ageMs < 0 ? words.noDataYet : words.dataAge(durationText(ageMs / 1000));
  const state = lostSince === undefined ? stateText(bed, freshness, recording) : words.notConnected;
  return { freshness, state, age, notice: noticeOf(bed, freshness, words.notLive(age, since), lostSince) };
}

function stateText(bed: BedModel, freshness: Freshness, recording: boolean): string {
  const { state, speed, replay } = bed.info;
  const words = statusWords();
  if (replay !== undefined && isPaused(bed)) return words.replayPaused;
  if (freshness === 'stale' && state !== 'reconnecting') return words.noData;
  if (freshness === 'waiting' && state !== 'reconnecting') return words.starting;
  switch (state) {
    case 'starting':
      return words.starting;
    case 'reconnecting':
      return words.noDevice;
    case 'ended':
      return words.ended;
    case 'failed':
      return words.failed;
    case 'streaming':
      if (speed === 0) return words.replayFull;
      return recording || replay !== undefined ? words.replay(speed) : words.live;
  }
}

function noticeOf(bed: BedModel, freshness: Freshness, notLive: string, lostSince: string | undefined): Said {
  const words = statusWords();
  const detail = withoutCode(bed.info.stateText);
  const alone = (text: string): Said => ({ text, detail: '' });
  if (lostSince !== undefined) return alone(words.noConnection(lostSince));
  switch (freshness) {
    case 'fresh':
      return alone('');
    case 'waiting':
      if (bed.info.state === 'streaming' || detail === '') return alone(words.waitingForData);
      return waitingFor(detail);
    case 'stale':
      if (isPaused(bed)) return alone(words.paused);
      return bed.info.state === 'reconnecting' ? { text: notLive, detail } : alone(notLive);
    case 'ended':
      return alone(words.streamEnded);
    case 'failed':
      return { text: detail === '' ? words.sourceFailed : words.failed, detail };
  }
}

function waitingFor(reason: string): Said {
  const text = waitText(reason);
  return text === undefined ? { text: statusWords().waiting, detail: reason } : { text, detail: '' };
}

/** A replay that somebody holds up. */
function isPaused({ info }: BedModel): boolean {
  return info.replay !== undefined && info.state === 'streaming' && info.stateText === 'paused';
}

/** In the order in which they are told. */
const FAULTS = ['off', 'saturated', 'flat', 'hum'] as const;

/** Which channels cannot be trusted: `T8 off, Fp1 flat`; those of one kind together; empty where all can, or none is known. */
export function faultsText({ channelFaults = [] }: Pick<BedInfo, 'channelFaults'>): string {
  const kinds = FAULTS.map((state) => {
    const labels = channelFaults.filter((fault) => fault.state === state).map(({ label }) => label);
    return labels.length === 0 ? '' : `${labels.join(' ')} ${faultWords()[state]}`;
  });
  return kinds.filter((text) => text !== '').join(', ');
}

/** How many chirps the last hour of the stream had, and how much of the last five minutes they take; empty where nobody knows. */
export function chirpsText({ chirps }: Pick<BedInfo, 'chirps'>): { readonly text: string; readonly title: string } {
  if (chirps === undefined) return { text: '', title: '' };
  const { nLastHour, burdenHour, burdenFiveMinutes } = chirps;
  const percent = (share: number): string => `${String(Math.round(share * 100))} %`;
  return {
    text: chirpWords().short(nLastHour, percent(burdenFiveMinutes)),
    title: chirpWords().long(nLastHour, percent(burdenHour), percent(burdenFiveMinutes)),
  };
}
