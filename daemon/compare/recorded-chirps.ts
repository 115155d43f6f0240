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

const BEGINS = /^chirpd: chirp begins at (\S+) Hz, score (\S+), (\w+), (.*), id (\w+)$/;
const ENDED = /^chirpd: chirp ([\d.]+)-([\d.]+) Hz (\w+), score (\S+), (\w+), (.*), id (\w+)(?:, merged into (\w+))?$/;
/** What came after its file was closed stands at the beginning of the next, and says how much earlier it belongs. */
const EARLIER = / \(from ([\d.]+) s before this file\)$/;

/** The chirps that a daemon told while it recorded, by its annotations. */
export function recordedChirps(notes: readonly PlacedNote[]): readonly ComparedChirp[] {
  const chirps = new Map<string, ComparedChirp>();
  for (const note of whole(notes).map(placed)) {
    const found = begun(note) ?? ended(note);
    if (found === undefined) continue;
    const key = `${found.bed}\n${found.id}`;
    const before = chirps.get(key);
    // A chirp that ended and went on is noted again: the last word counts.
    chirps.set(key, { ...before, ...found, fields: { ...before?.fields, ...found.fields } });
  }
  return [...chirps.values()];
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

function ended({ bed, timeMicros, durationMicros, text }: PlacedNote): ComparedChirp | undefined {
  const [, start, end, sweep, score, profile = '', derivations, id, mergedInto = ''] = ENDED.exec(text) ?? [];
  if (id === undefined) return undefined;
  // A duration of nothing says that all of it lay before its file.
  const offsetTimeMicros = durationMicros > 0 ? timeMicros + durationMicros : undefined;
  return {
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
