import t from 'tap';
import { frequencyTicks, timeTicks } from '../../dashboards/web/axes.js';
import { plotGeometry, xOf, yOf } from '../../dashboards/web/plotGeometry.js';
import { tileLayout } from '../../dashboards/web/tileGrid.js';
import { durationText, momentText, sweepText } from '../../dashboards/web/timeText.js';

void t.test('tiles fill the place there is, and are never too small to read', (t) => {
  for (const [width, height, rem] of [
    [390, 600, 15],
    [1100, 780, 15.6],
    [3100, 2000, 24],
  ] as const) {
    for (let n = 1; n <= 32; n++) {
      const { columns, rowHeight } = tileLayout(n, width, height, 10, rem);
      const tileWidth = (width - 10 * (columns - 1)) / columns;
      t.ok(columns >= 1 && columns <= n);
      t.ok(tileWidth >= Math.min(width, 11 * rem), `${String(n)} tiles in ${String(width)}: ${String(tileWidth)} wide`);
      t.ok(rowHeight >= 7.5 * rem);
    }
  }
  t.equal(tileLayout(8, 390, 600, 10, 15).columns <= 2, true);
  t.same(tileLayout(1, 1100, 780, 10, 15).columns, 1);
  const wall = tileLayout(32, 3100, 2000, 10, 24);
  t.ok(Math.ceil(32 / wall.columns) * (wall.rowHeight + 10) <= 2010, 'all 32 beds fit a wall without scrolling');
  t.end();
});

void t.test('ticks are round numbers and leave room for their labels', (t) => {
  t.same(frequencyTicks(31.875, 160, 40), [0, 8, 16, 24]);
  t.same(frequencyTicks(127.5, 100, 30), [0, 40, 80, 120]);
  const ticks = timeTicks(1000.4, 1120.4, 400, 70);
  t.same(ticks, [1020, 1050, 1080, 1110]);
  t.end();
});

void t.test('a row of the spectrogram lies where its frequency is written', (t) => {
  const plot = plotGeometry({ width: 400, height: 200, fontPx: 12 }, 120, 120, 0.25);
  const rowHeight = (plot.bottom - plot.top) / 128;
  t.equal(xOf(plot, 0), plot.left);
  t.equal(xOf(plot, 120), plot.right);
  // Row r of the picture covers r * rowHeight to (r + 1) * rowHeight above the bottom; its centre is r * rowHz.
  t.ok(Math.abs(yOf(plot, 0) - (plot.bottom - rowHeight / 2)) < 1e-9);
  t.ok(Math.abs(yOf(plot, 10) - (plot.bottom - 40.5 * rowHeight)) < 1e-9);
  t.end();
});

void t.test('times say their date where it is not today, and UTC where it is', (t) => {
  const noon = Date.UTC(2026, 10, 23, 12, 0, 0);
  t.equal(momentText(noon + 5000, { utc: true, todayMs: noon }), '12:00:05 UTC');
  t.equal(momentText(Date.UTC(1985, 0, 1, 0, 6, 17), { utc: true, todayMs: noon }), '1985-01-01 00:06:17 UTC');
  const local = new Date(2026, 10, 22, 8, 5, 9).getTime();
  t.equal(momentText(local, { utc: false, todayMs: local }), '08:05:09');
  t.equal(momentText(local, { utc: false, todayMs: local + 86400e3 }), '2026-11-22 08:05:09');
  t.end();
});

void t.test('durations and sweeps in words', (t) => {
  t.same([0.04, 9.94, 9.97, 59.6, 3599, 7200, 90000].map(durationText), [
    '0.0 s',
    '9.9 s',
    '10 s',
    '1 min 0 s',
    '59 min 59 s',
    '2 h 0 min',
    '1 d 1 h',
  ]);
  t.equal(sweepText(7, 5.25), '7.0 → 5.3 Hz');
  t.end();
});
