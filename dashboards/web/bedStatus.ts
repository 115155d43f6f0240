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
  const { state, speed } = bed.info;
  if (freshness === 'stale') return 'No data';
  if (freshness === 'waiting') return 'Starting';
  switch (state) {
    case 'starting':
      return 'Starting';
    case 'ended':
      return 'Ended';
    case 'failed':
      return 'Failed';
    case 'streaming':
      if (speed === 0) return 'Replay, full speed';
      return recording ? `Replay ×${String(speed)}` : 'Live';
  }
}

function noticeText(bed: BedModel, freshness: Freshness, age: string, lostSince: string | undefined): string {
  const reason = bed.info.stateText;
  if (lostSince !== undefined) return `Not live: no connection since ${lostSince}`;
  switch (freshness) {
    case 'fresh':
      return '';
    case 'waiting':
      return bed.info.state === 'starting' && reason !== '' ? `Waiting: ${reason}` : 'Waiting for the first data';
    case 'stale':
      return `Not live: ${age}`;
    case 'ended':
      return 'The stream has ended';
    case 'failed':
      return reason === '' ? 'The source has failed' : `Failed: ${reason}`;
  }
}
