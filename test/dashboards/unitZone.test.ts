import t from 'tap';
import { chooseLanguage } from '../../dashboards/web/language.js';
import { clockText, dateText, momentText } from '../../dashboards/web/timeText.js';
import { isRepeated, offsetMs, useZone, zoneAbbreviation, zoneName } from '../../dashboards/web/unitZone.js';

const at = (iso: string): number => Date.parse(iso);
const HOUR_MS = 3_600_000;

t.test('clocks and dates are those of the unit’s zone', (t) => {
  for (const [zone, text] of [
    ['Europe/Berlin', '2026-12-31 23:59:58'],
    ['America/New_York', '2026-12-31 17:59:58'],
    ['Asia/Kathmandu', '2027-01-01 04:44:58'],
    ['Australia/Adelaide', '2027-01-01 09:29:58'],
    ['America/St_Johns', '2026-12-31 19:29:58'],
    ['Pacific/Kiritimati', '2027-01-01 12:59:58'],
    ['UTC', '2026-12-31 22:59:58'],
  ] as const) {
    useZone(zone);
    const ms = at('2026-12-31T22:59:58Z');
    t.equal(`${dateText(ms, false)} ${clockText(ms, false)}`, text, zone);
    t.equal(clockText(ms, true), '22:59:58', 'recordings have their own time');
  }
  t.end();
});

t.test('clocks that are put forward leave an hour out', (t) => {
  useZone('Europe/Berlin');
  t.equal(clockText(at('2026-03-29T00:59:59Z'), false), '01:59:59');
  t.equal(clockText(at('2026-03-29T01:00:00Z'), false), '03:00:00');
  t.equal(isRepeated(at('2026-03-29T01:00:00Z')), false);
  t.end();
});

t.test('the hour that clocks show twice is told apart by the name of the zone', (t) => {
  useZone('Europe/Berlin');
  const style = { utc: false, todayMs: at('2026-10-25T12:00:00Z') };
  const texts = ['2026-10-24T23:59:59Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2026-10-25T02:00:00Z'];
  t.same(
    texts.map((iso) => momentText(at(iso), style)),
    ['01:59:59', '02:30:00 CEST', '02:30:00 CET', '03:00:00'],
  );
  chooseLanguage('de');
  t.equal(momentText(at('2026-10-25T00:30:00Z'), style), '02:30:00 MESZ');
  chooseLanguage('en');
  useZone('Australia/Lord_Howe');
  t.same(
    // Half an hour, at two o'clock: 1:30 to 2:00 comes twice.
    ['2027-04-03T14:29:00Z', '2027-04-03T14:31:00Z', '2027-04-03T15:01:00Z', '2027-04-03T15:31:00Z'].map((iso) =>
      isRepeated(at(iso)),
    ),
    [false, true, true, false],
  );
  t.end();
});

t.test('the date stands where it is not today in that zone', (t) => {
  useZone('America/New_York');
  const style = { utc: false, todayMs: at('2026-11-28T04:30:00Z') };
  t.equal(momentText(at('2026-11-27T12:00:00Z'), style), '07:00:00', 'still the day before, there');
  t.equal(momentText(at('2026-11-27T04:30:00Z'), style), '2026-11-26 23:30:00');
  t.end();
});

t.test('names of zones, and of one that this computer does not know', (t) => {
  const winter = at('2026-12-01T12:00:00Z');
  const summer = at('2026-07-01T12:00:00Z');
  for (const [zone, names] of [
    ['Europe/Berlin', ['CET', 'CEST']],
    ['Europe/London', ['GMT', 'BST']],
    ['America/Chicago', ['CST', 'CDT']],
    ['Australia/Sydney', ['AEDT', 'AEST']],
    ['Asia/Kathmandu', ['GMT+5:45', 'GMT+5:45']],
    ['UTC', ['UTC', 'UTC']],
  ] as const) {
    useZone(zone);
    t.same([zoneAbbreviation(winter), zoneAbbreviation(summer)], names);
  }
  useZone('Europe/Nowhere');
  t.equal(zoneName(), 'UTC', 'shown as what it is');
  t.equal(offsetMs(winter), 0);
  t.end();
});

t.test('asked ten thousand times a second it takes next to nothing', (t) => {
  useZone('Europe/Berlin');
  const start = at('2026-11-28T00:00:00Z');
  const startedMs = performance.now();
  for (let i = 0; i < 100_000; i++) clockText(start + ((i * 7919) % (24 * HOUR_MS)), false);
  const microseconds = (performance.now() - startedMs) / 100;
  t.comment(`${microseconds.toFixed(2)} µs each`);
  t.ok(microseconds < 50);
  t.end();
});
