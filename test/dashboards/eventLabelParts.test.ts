import t from 'tap';
import type { LabelMessage } from '../../daemon/protocol/messages.js';
import { readAddForm } from '../../dashboards/web/eventLabelAddForm.js';
import { EventLabelStore } from '../../dashboards/web/eventLabelStore.js';
import { momentOf, timeOfDayText } from '../../dashboards/web/eventLabelTime.js';
import { useZone } from '../../dashboards/web/unitZone.js';
import { until } from '../until.js';
import { addedLabel, label, START } from '../daemon/labels/made-label.js';

const HOUR_MICROS = 3600e6;

function store(answers: (from: number | undefined) => readonly LabelMessage[] = () => []): {
  readonly store: EventLabelStore;
  readonly asked: (number | undefined)[];
  readonly nRead: () => number;
} {
  const asked: (number | undefined)[] = [];
  let nRead = 0;
  const read = async (_bed: string, from: number | undefined): Promise<readonly LabelMessage[]> => {
    asked.push(from);
    return Promise.resolve(answers(from));
  };
  const made = new EventLabelStore(read, () => nRead++);
  return { store: made, asked, nRead: () => nRead };
}

t.test('what persons have marked is known by the bed that was recorded, until it is taken back', (t) => {
  const { store: labels } = store();
  const [late, early] = [addedLabel({ onset: 50, offset: 60 }), addedLabel({ onset: 10, offset: 20, name: 'Bob' })];
  for (const one of [late, early, late]) labels.take(one);
  t.same(labels.addedTo('bed-1'), [early, late], 'in the order of onsets, each once');
  t.same(labels.addedTo('Replay 0badcafe: bed-1'), [early, late]);
  t.same(labels.addedTo('bed-2'), []);
  const replayed = addedLabel({ onset: 30, offset: 31, bed: 'Replay 0badcafe: bed-1' });
  labels.take(replayed);
  t.same(labels.addedTo('bed-1'), [early, replayed, late]);
  labels.take({ ...early, what: 'withdrawn' });
  labels.take(early);
  t.same(labels.addedTo('bed-1'), [replayed, late], 'also where an answer under way still has it');
  t.same(labels.ofEvent(''), []);
  const ofEvent = label({ onset: 1, offset: 2, event: 'one' });
  labels.take(ofEvent);
  t.same(labels.ofEvent('one'), [ofEvent]);
  t.equal(labels.addedTo('bed-1').length, 2);
  t.end();
});

t.test('labels are read as far back as pictures reach, and further where somebody looks', async (t) => {
  const old = addedLabel({ onset: -40 * 3600, offset: -40 * 3600 + 9 });
  const {
    store: labels,
    asked,
    nRead,
  } = store((from) => (from !== undefined && from < old.offsetTimeMicros ? [old] : []));
  const beds = [{ name: 'bed-1', clockMicros: START, info: {} }];
  labels.refresh(beds, 0);
  labels.refresh(beds, 100);
  t.same(asked, [START - 25 * HOUR_MICROS]);
  labels.lookBack('bed-1', START - HOUR_MICROS);
  labels.refresh(beds, 200);
  t.equal(asked.length, 1, 'they are here');
  labels.lookBack('bed-1', START - 41 * HOUR_MICROS);
  labels.refresh(beds, 300);
  labels.refresh(beds, 400);
  t.same(asked.slice(1), [START - 41 * HOUR_MICROS]);
  await until(() => nRead() === 1, 'the answer', 5000);
  t.same(labels.addedTo('bed-1'), [old]);
  labels.refresh([{ name: 'Replay 0badcafe: bed-1', clockMicros: START, info: { replay: {} } }], 500);
  t.equal(asked[2], undefined, 'of a replay all');
});

t.test('times of day are those of the unit, wherever the browser sits', (t) => {
  useZone('Pacific/Auckland');
  const noon = Date.UTC(2026, 5, 1, 0, 0, 5, 340);
  t.equal(timeOfDayText(noon, false), '12:00:05.3');
  t.equal(timeOfDayText(noon, true), '00:00:05.3');
  t.equal(timeOfDayText(Date.UTC(2026, 5, 1, 0, 0, 5, 980), true), '00:00:06.0');
  t.equal(momentOf('12:00:07,5', noon, false), Date.UTC(2026, 5, 1, 0, 0, 7, 500));
  t.equal(momentOf('23:59:59', noon, true), Date.UTC(2026, 4, 31, 23, 59, 59), 'the nearer day');
  t.equal(momentOf('24:00:00', noon, true), undefined);
  t.equal(momentOf('12:00', noon, true), undefined);
  useZone('Europe/Berlin');
  // Clocks are set back at 01:00 UTC and show 02:30 twice.
  const [first, second] = [Date.UTC(2026, 9, 25, 0, 30), Date.UTC(2026, 9, 25, 1, 30)];
  t.equal(momentOf('02:30:10', first, false), first + 10_000);
  t.equal(momentOf('02:30:10', second, false), second + 10_000);
  // And ahead at 01:00 UTC, past 02:30.
  const spring = Date.UTC(2026, 2, 29, 0, 59);
  t.ok(Math.abs((momentOf('02:30:00', spring, false) ?? 0) - spring) < 3600e3);
  t.equal(momentOf('03:00:30', spring, false), Date.UTC(2026, 2, 29, 1, 0, 30));
  t.end();
});

t.test('the form of what was missed', (t) => {
  const nearMicros = Date.UTC(2026, 10, 28, 23, 59, 50) * 1000;
  const moment = { nearMicros, clockMicros: nearMicros + HOUR_MICROS, utc: true };
  const form = {
    text: ' chirp ',
    onset: '23:59:50.5',
    offset: '00:00:02,5',
    startHz: '7,5',
    endHz: '',
    derivations: 'F3-C3; F4-C4, F3-C3,',
    name: 'Ada ',
    note: '',
  };
  t.same(readAddForm(form, moment), {
    text: 'chirp',
    onsetTimeMicros: nearMicros + 0.5e6,
    offsetTimeMicros: nearMicros + 12.5e6,
    name: 'Ada',
    note: '',
    startFrequencyHz: 7.5,
    derivations: ['F3-C3', 'F4-C4'],
  });
  for (const [change, why] of [
    [{ offset: '23:59:50.5' }, /must end after it begins/],
    [{ offset: '23:59' }, /^Ends: write the time/],
    [{ onset: 'now' }, /^Begins: write the time/],
    [{ offset: '01:30:00' }, /not come yet/],
    [{ endHz: 'high' }, /^To, Hz: write a number/],
    [{ startHz: '-1' }, /^From, Hz: write a number/],
    [{ text: ' ' }, /Say what it is/],
    [{ name: '' }, /Give your name/],
  ] as const) {
    const said = readAddForm({ ...form, ...change }, moment);
    t.match(typeof said === 'string' ? said : 'it was read', why);
  }
  t.end();
});
