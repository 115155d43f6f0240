import { isDeepStrictEqual } from 'node:util';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { packPlain, unpackPlain } from '../protocol/plain-messagepack.js';
import type { ReplayMark, TimelineMessage } from '../protocol/messages.js';

/** Fields that the timeline fills in when it writes: they depend on when that was, not on the samples. */
export type WrittenField = 'cursor' | 'toldTimeMicros' | 'delayMs';

type WithoutWrittenFields<Message> = Message extends unknown ? Omit<Message, WrittenField> : never;

/** What the samples say: the same samples give the same content. */
export type TimelineContent = WithoutWrittenFields<TimelineMessage>;

/** Something to append. */
export interface TimelineDraft {
  /** Names this record for good; 1 to 500 characters. A second draft with the same key is not stored. */
  readonly key: string;
  readonly content: TimelineContent;
  /** Host clock (performance.now() milliseconds) at which the newest sample of an event arrived. */
  readonly arrivalMs?: number;
  /** Kept beside the record, in the same transaction, until another draft says otherwise. */
  readonly state?: StateChange;
}

/** What is to be known at the next start without reading the whole timeline: an open alarm, the newest config. */
export interface StateChange {
  readonly name: string;
  /** Plain MessagePack can hold it; undefined: forget it. */
  readonly value: unknown;
}

export interface AppendResult {
  readonly cursor: number;
  /** False where the key was there already: nothing was stored, and nobody hears of it again. */
  readonly isNew: boolean;
  /** True where the key was there with other content; the first stays. */
  readonly conflict: boolean;
}

/** Under which key a telling of an event is stored: of a live bed once for good, of a replay once in each of its runs. */
export function eventKey(id: string, revision: number, replay?: ReplayMark): string {
  return `${replayPrefix(replay)}${id}:${String(revision)}`;
}

/** Keeps the keys of each run of a replay apart from all others. */
export function replayPrefix(replay: ReplayMark | undefined): string {
  return replay === undefined ? '' : `replay:${replay.id}:${String(replay.run)}:`;
}

const MAX_KEY_CHARACTERS = 500;
const MAX_BED_CHARACTERS = 200;
/** May concern the daemon as a whole: their bed is ''. */
const DAEMON_TYPES: ReadonlySet<string> = new Set([
  'alarm',
  'acknowledgement',
  'config',
] satisfies TimelineContent['type'][]);

/** @throws ChirpdError TIMELINE_BAD_RECORD */
export function checkDraft({ key, content }: TimelineDraft): void {
  if (key.length < 1 || key.length > MAX_KEY_CHARACTERS) {
    throw new ChirpdError(
      'TIMELINE_BAD_RECORD',
      `A record's key has 1 to 500 characters, this has ${String(key.length)}`,
    );
  }
  const isOfDaemon = content.bed === '' && DAEMON_TYPES.has(content.type);
  if (!isOfDaemon && (content.bed.length < 1 || content.bed.length > MAX_BED_CHARACTERS)) {
    throw new ChirpdError('TIMELINE_BAD_RECORD', `A bed's name has 1 to 200 characters, "${content.bed}" has not`);
  }
  if (!Number.isSafeInteger(contentTimeMicros(content))) {
    throw new ChirpdError('TIMELINE_BAD_RECORD', `Record ${key} has no whole number of microseconds as its time`);
  }
}

/** Unix microseconds under which a record is found by time: the onset of events and gaps. */
export function contentTimeMicros(content: TimelineContent): number {
  return content.type === 'event' || content.type === 'gap' ? content.onsetTimeMicros : content.timeMicros;
}

/** The message of a draft, at its place and with its wall-clock fields. */
export function completeMessage(draft: TimelineDraft, cursor: number): TimelineMessage {
  const { content } = draft;
  if (content.type !== 'event') return { ...content, cursor };
  const toldTimeMicros = Math.round((performance.timeOrigin + performance.now()) * 1000);
  const delayMs = draft.arrivalMs === undefined ? 0 : Math.max(0, performance.now() - draft.arrivalMs);
  return { ...content, cursor, toldTimeMicros, delayMs };
}

/** Whether a stored message says the same as a draft, leaving out the fields that the timeline writes. */
export function sameContent(stored: TimelineMessage, content: TimelineContent): boolean {
  const copy: Record<string, unknown> = { ...stored };
  delete copy['cursor'];
  if (stored.type === 'event') {
    delete copy['toldTimeMicros'];
    delete copy['delayMs'];
  }
  // The way through the encoding makes both alike where it does not keep a difference (-0, undefined properties).
  return isDeepStrictEqual(copy, unpackPlain(packPlain(content)));
}
