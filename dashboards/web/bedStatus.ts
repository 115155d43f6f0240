import type { BedInfo } from '../../daemon/protocol/messages.js';
import type { BedModel, Freshness } from './bedModel.js';
import { durationText } from './timeText.js';

export interface BedStatus {
  readonly freshness: Freshness;
  /** What the stream is doing, in a few words. */
  readonly state: string;
  /** How old the newest sample is. */
  readonly age: string;
  /** What stands across the picture when it is not live; empty when it is. */
  readonly notice: string;
}

/** @param lostSince clock text of the moment the connection was lost; undefined while it stands */
export function bedStatus(bed: BedModel, nowMs: number, recording: boolean, lostSince: string | undefined): BedStatus {
  const freshness = bed.freshness(nowMs, lostSince === undefined);
  const ageMs = bed.ageMs(nowMs);
  const age = ageMs < 0 ? 'no data yet' : `data ${durationText(ageMs / 1000)} old`;
  const state = lostSince === undefined ? stateText(bed, freshness, recording) : 'Not connected';
  return { freshness, state, age, notice: noticeText(bed, freshness, age, lostSince) };
}

function stateText(bed: BedModel, freshness: Freshness, recording: boolean): string {
  const { state, speed, replay } = bed.info;
  if (replay !== undefined && isPaused(bed)) return 'Replay, paused';
  if (freshness === 'stale' && state !== 'reconnecting') return 'No data';
  if (freshness === 'waiting' && state !== 'reconnecting') return 'Starting';
  switch (state) {
    case 'starting':
      return 'Starting';
    case 'reconnecting':
      return 'No device';
    case 'ended':
      return 'Ended';
    case 'failed':
      return 'Failed';
    case 'streaming':
      if (speed === 0) return 'Replay, full speed';
      return recording || replay !== undefined ? `Replay ×${String(speed)}` : 'Live';
  }
}

function noticeText(bed: BedModel, freshness: Freshness, age: string, lostSince: string | undefined): string {
  // The code at the end is for programs and logs.
  const reason = bed.info.stateText.replace(/ \[[A-Z0-9_]+\]$/, '');
  if (lostSince !== undefined) return `Not live: no connection since ${lostSince}`;
  switch (freshness) {
    case 'fresh':
      return '';
    case 'waiting':
      if (bed.info.state === 'streaming' || reason === '') return 'Waiting for the first data';
      return reason.startsWith('waits ') ? `W${reason.slice(1)}` : `Waiting: ${reason}`;
    case 'stale':
      if (isPaused(bed)) return 'Paused';
      return bed.info.state === 'reconnecting' ? `Not live: ${age}. ${reason}` : `Not live: ${age}`;
    case 'ended':
      return 'The stream has ended';
    case 'failed':
      return reason === '' ? 'The source has failed' : `Failed: ${reason}`;
  }
}

/** A replay that somebody holds up. */
function isPaused({ info }: BedModel): boolean {
  return info.replay !== undefined && info.state === 'streaming' && info.stateText === 'paused';
}

const FAULTS = { off: 'off', saturated: 'saturated', flat: 'flat', hum: 'mains hum' } as const;

/** Which channels cannot be trusted: `T8 off, Fp1 flat`; those of one kind together; empty where all can, or none is known. */
export function faultsText({ channelFaults = [] }: Pick<BedInfo, 'channelFaults'>): string {
  const kinds = Object.entries(FAULTS).map(([state, words]) => {
    const labels = channelFaults.filter((fault) => fault.state === state).map(({ label }) => label);
    return labels.length === 0 ? '' : `${labels.join(' ')} ${words}`;
  });
  return kinds.filter((text) => text !== '').join(', ');
}

/** How many chirps the last hour of the stream had, and how much of the last five minutes they take; empty where nobody knows. */
export function chirpsText({ chirps }: Pick<BedInfo, 'chirps'>): { readonly text: string; readonly title: string } {
  if (chirps === undefined) return { text: '', title: '' };
  const { nLastHour, burdenHour, burdenFiveMinutes } = chirps;
  const percent = (share: number): string => `${String(Math.round(share * 100))} %`;
  return {
    text: `${String(nLastHour)} in 1 h, ${percent(burdenFiveMinutes)} of 5 min`,
    title: `Chirps: ${String(nLastHour)} in the last hour (${percent(burdenHour)} of it), ${percent(burdenFiveMinutes)} of the last 5 minutes`,
  };
}
