import t from 'tap';
import { type PlacedNote, recordableChirps, recordedChirps } from '../../../daemon/compare/recorded-chirps.js';
import type { EventMessage } from '../../../daemon/protocol/messages.js';
import { eventNote } from '../../../daemon/recording/event-note.js';
import { eventDraft } from '../timeline/drafts.js';

/** A telling of one chirp, its onset so many seconds after some moment. */
function telling(revision: number, phase: EventMessage['phase'], onset: number, offset: number): EventMessage {
  const micros = (seconds: number): number => 1_700_000_000e6 + seconds * 1e6;
  const times = { onsetTimeMicros: micros(onset), offsetTimeMicros: micros(offset) };
  return { ...eventDraft(0).content, ...times, id: 'c0ffee', revision, phase } as EventMessage;
}

/** As a reader gives the notes of a recording: by time, whenever they were written. */
function read(events: readonly EventMessage[]): readonly PlacedNote[] {
  return events
    .flatMap((event) => {
      const note = eventNote(event);
      return note === undefined ? [] : [{ ...note, bed: event.bed }];
    })
    .sort((a, b) => a.timeMicros - b.timeMicros);
}

t.test('a chirp that went on, and whose onset moved back, is the one that was told last', (t) => {
  const events = [telling(0, 'onset', 12, 20), telling(3, 'offset', 11, 40), telling(4, 'offset', 10, 60)];
  const notes = read(events);
  t.match(
    notes.map(({ text }) => text),
    [/revision 4/, /revision 3/, /begins/],
  );
  t.strictSame(recordedChirps(notes), recordableChirps(events));
  t.match(recordedChirps(notes), [
    { onsetTimeMicros: events[2]?.onsetTimeMicros, offsetTimeMicros: events[2]?.offsetTimeMicros },
  ]);
  t.end();
});

t.test('a chirp that was merged says so', (t) => {
  const events = [telling(0, 'onset', 12, 20), { ...telling(1, 'offset', 12, 40), mergedInto: 'beef' }];
  t.match(recordedChirps(read(events)), [{ fields: { mergedInto: 'beef' } }]);
  t.end();
});

t.test('notes without revisions, as they once were: the last counts', (t) => {
  const notes = read([telling(1, 'offset', 10, 40), telling(2, 'offset', 11, 60)]);
  const without = notes.map((note) => ({ ...note, text: note.text.replace(/, revision \d+/, '') }));
  t.strictSame(recordedChirps(without), recordedChirps(notes));
  t.end();
});

t.test('what runs still has only begun', (t) => {
  const events = [telling(0, 'onset', 12, 20)];
  t.match(recordedChirps(read(events)), [{ id: 'c0ffee', offsetTimeMicros: undefined }]);
  t.end();
});
