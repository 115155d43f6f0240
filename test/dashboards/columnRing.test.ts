import t from 'tap';
import { rowBackground } from '../../dashboards/web/background.js';
import { ColumnRing, ROWS } from '../../dashboards/web/columnRing.js';

const column = (value: number): Uint8Array => new Uint8Array(2 * ROWS).fill(value);

void t.test('keeps the newest columns and knows which never came', (t) => {
  const ring = new ColumnRing(2, 8);
  t.equal(ring.newest, -1);
  t.equal(ring.oldest, -1);
  t.equal(ring.levels(0), undefined);
  for (const c of [5, 6, 9]) t.equal(ring.put(c, column(c)), true);
  t.equal(ring.oldest, 5);
  t.equal(ring.newest, 9);
  t.equal(ring.levels(6)?.[17], 6);
  t.equal(ring.levels(7), undefined, 'a column that was skipped');
  t.equal(ring.put(9, column(1)), false, 'a column that does not rise');
  t.equal(ring.put(10, new Uint8Array(ROWS)), false, 'a column of another shape');
  for (let c = 10; c < 20; c++) ring.put(c, column(c));
  t.equal(ring.oldest, 12);
  t.equal(ring.levels(11), undefined, 'one that was overwritten');
  t.equal(ring.levels(12)?.[0], 12);
  t.end();
});

void t.test('takes columns from before, each once', (t) => {
  const ring = new ColumnRing(2, 8);
  t.equal(ring.insert(20, column(20)), true, 'into an empty ring');
  ring.put(23, column(23));
  t.equal(ring.insert(15, column(15)), false, 'too old to be kept');
  t.equal(ring.insert(16, column(16)), true);
  t.equal(ring.insert(22, column(22)), true, 'between others');
  t.equal(ring.insert(22, column(0)), false, 'here already');
  t.equal(ring.insert(18, new Uint8Array(ROWS)), false, 'of another shape');
  t.equal(ring.oldest, 16);
  t.equal(ring.newest, 23);
  t.same(
    Array.from({ length: 10 }, (_, i) => ring.levels(15 + i)?.[0]),
    [undefined, 16, undefined, undefined, undefined, 20, undefined, 22, 23, undefined],
  );
  t.equal(ring.insert(24, column(24)), true, 'at the end');
  t.equal(ring.levels(16), undefined);
  t.equal(ring.oldest, 17);
  t.end();
});

void t.test('the background is a low quantile of each row of each derivation', (t) => {
  const ring = new ColumnRing(2, 64);
  for (let c = 0; c < 41; c++) {
    const levels = new Uint8Array(2 * ROWS);
    // Row 3 of derivation 1 rises from 100 to 140; a burst lifts row 7 of derivation 0 for less than half the time.
    levels[ROWS + 3] = 100 + c;
    levels[7] = c > 25 ? 200 : 50;
    ring.put(c, levels);
  }
  const background = rowBackground(ring, 0, 40);
  t.equal(background.length, 2 * ROWS);
  t.equal(background[ROWS + 3], 110);
  t.equal(background[7], 50);
  t.equal(background[0], 0);
  t.equal(rowBackground(ring, 30, 40)[7], 200, 'only of the window');
  t.end();
});
