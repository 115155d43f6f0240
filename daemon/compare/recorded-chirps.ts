import type { EventMessage } from '../protocol/messages.js';
import { eventNote } from '../recording/event-note.js';
import type { ComparedChirp } from './compared-chirp.js';

/** An annotation of a recording in its place. */
export interface PlacedNote {
  readonly bed: string;
  readonly timeMicros: number;
  readonly durationMicros: number;
  readonly text: string;
}

/** A chirp as its end was noted. */
interface Ended {
  readonly chirp: ComparedChirp;
  /** -1 where the note tells none. */
  readonly revision: number;
}

const BEGINS = /^chirpd: chirp begins at (\S+) Hz, score (\S+), (\w+), (.*), id (\w+)$/;
const ENDED =
  /^chirpd: chirp ([\d.]+)-([\d.]+) Hz (\w+), score (\S+), (\w+), (.*), id (\w+)(?:, revision (\d+))?(?:, merged into (\w+))?$/;
/** What came after its file was closed stands at the beginning of the next, and says how much earlier it belongs. */
const EARLIER = / \(from ([\d.]+) s before this file\)$/;

/**
 * The chirps that a daemon told while it recorded, by its annotations. A chirp that ended and went on was noted again: the
 * highest revision counts, since notes come in the order of time, and of those without (older recordings) the last.
 */
export function recordedChirps(notes: readonly PlacedNote[]): readonly ComparedChirp[] {
  const found = new Map<string, { begun?: ComparedChirp; ended?: Ended }>();
  for (const note of whole(notes).map(placed)) {
    const [begins, ends] = [begun(note), ended(note)];
    const chirp = begins ?? ends?.chirp;
    if (chirp === undefined) continue;
    const key = `${chirp.bed}\n${chirp.id}`;
    const both = found.get(key) ?? {};
    if (begins !== undefined) both.begun = begins;
    if (ends !== undefined && ends.revision >= (both.ended?.revision ?? -1)) both.ended = ends;
    found.set(key, both);
  }
  return [...found.values()].map(joined);
}

/** The same of events: what would stand in a recording of them. */
export function recordableChirps(events: readonly EventMessage[]): readonly ComparedChirp[] {
  const notes = events.flatMap((event): PlacedNote[] => {
    const note = eventNote(event);
    return note === undefined ? [] : [{ ...note, bed: event.bed }];
  });
  return recordedChirps(notes);
}

function begun({ bed, timeMicros, text }: PlacedNote): ComparedChirp | undefined {
  const [, hz, score, profile = '', where, id] = BEGINS.exec(text) ?? [];
  if (id === undefined) return undefined;
  const told = `${milliseconds(timeMicros)} ms, ${hz ?? ''} Hz, score ${score ?? ''}, ${where ?? ''}`;
  return { bed, id, profile, onsetTimeMicros: timeMicros, offsetTimeMicros: undefined, fields: { firstTold: told } };
}

function ended({ bed, timeMicros, durationMicros, text }: PlacedNote): Ended | undefined {
  const [, start, end, sweep, score, profile = '', derivations, id, revision, mergedInto = ''] = ENDED.exec(text) ?? [];
  if (id === undefined) return undefined;
  // A duration of nothing says that all of it lay before its file.
  const offsetTimeMicros = durationMicros > 0 ? timeMicros + durationMicros : undefined;
  const chirp = {
    bed,
    id,
    profile,
    onsetTimeMicros: timeMicros,
    offsetTimeMicros,
    fields: {
      onset: milliseconds(timeMicros),
      ...(offsetTimeMicros !== undefined && { offset: milliseconds(offsetTimeMicros) }),
      startFrequencyHz: start,
      endFrequencyHz: end,
      sweep,
      score,
      derivations,
      mergedInto,
    },
  };
  return { chirp, revision: Number(revision ?? -1) };
}

/** What was noted of a chirp when it began and when it ended, in one. */
function joined({ begun, ended }: { readonly begun?: ComparedChirp; readonly ended?: Ended }): ComparedChirp {
  if (ended === undefined) return begun as ComparedChirp;
  return { ...ended.chirp, fields: { ...begun?.fields, ...ended.chirp.fields } };
}

/** Seconds of events are whole milliseconds, and what remains is rounding on the way through a file. */
function milliseconds(micros: number): string {
  return String(Math.round(micros / 1000));
}

function placed({ text, ...note }: PlacedNote): PlacedNote {
  const earlierSeconds = Number(EARLIER.exec(text)?.[1] ?? 0);
  const plain = text.replace(EARLIER, '');
  if (earlierSeconds === 0) return { ...note, text: plain };
  const earlierMicros = Math.round(earlierSeconds * 1e6);
  const durationMicros = note.durationMicros > 0 ? note.durationMicros + earlierMicros : 0;
  return { ...note, timeMicros: note.timeMicros - earlierMicros, durationMicros, text: plain };
}

/** Long texts stand in several annotations of the same time. */
function whole(notes: readonly PlacedNote[]): readonly PlacedNote[] {
  const found: PlacedNote[] = [];
  for (const note of notes) {
    const before = found.at(-1);
    const goesOn = before?.bed === note.bed && before.text.endsWith('…') && note.text.startsWith('…');
    if (goesOn) found[found.length - 1] = { ...before, text: before.text.slice(0, -1) + note.text.slice(1) };
    else found.push(note);
  }
  return found;
}
