import t from 'tap';
import { arrayGeometry, microsOfX, xOfMicros, yOfHz } from '../../dashboards/web/arrayGeometry.js';
import { clockTicks } from '../../dashboards/web/axes.js';
import { sidesOf } from '../../dashboards/web/bedSides.js';
import type { BedModel } from '../../dashboards/web/bedModel.js';
import { timelineHeight, timelineLayout } from '../../dashboards/web/bedTimelineLayout.js';
import { colourTable } from '../../dashboards/web/colormap.js';
import { HistoryColumns } from '../../dashboards/web/historyColumns.js';
import { LEVEL_SCALE, levelColours } from '../../dashboards/web/levelColours.js';
import { missingSpans } from '../../dashboards/web/missingSpans.js';
import { signalText, sinceText, type SinceMoment } from '../../dashboards/web/tileFacts.js';
import { asymmetryDecibels, TREND_ROWS, trendRowsOf } from '../../dashboards/web/trendRows.js';
import { openAlarm } from './open-alarm.js';

const START = 1_700_000 * 1e9 - (1_700_000_000 % 86_400) * 1e6;

/** An hour in columns of 60 s, of which the left side has these shares. */
function columnsWith(shares: Readonly<Record<number, number>>): HistoryColumns {
  const columns = new HistoryColumns(1, 60);
  columns.take({
    ...{ type: 'bedHistory', bed: 'A', profile: 'slow', rowHz: 0.125, columnSeconds: 60, timesMicros: [], regions: [] },
    ...{ fromMicros: START, toMicros: START + 3600e6 },
  });
  for (let i = 0; i < 60; i++) columns.sides.left.coverage[i] = shares[i] ?? 1;
  return columns;
}

const minutes = (from: number, to: number, isPartial = false): object => ({
  ...{ fromMicros: START + from * 60e6, toMicros: START + to * 60e6, isPartial },
});

t.test('what is missing: nothing came, less than half came, nothing since', (t) => {
  const none = { 0: 0, 1: 0, 2: 0, 10: 0, 11: 0, 20: 0.3, 30: 0.8 };
  const columns = columnsWith(none);
  const { coverage } = columns.sides.left;
  const end = START + 3600e6;
  const reach = { clockMicros: end, edgeMicros: end, isLate: false };
  t.strictSame(
    missingSpans(columns, coverage, reach),
    [minutes(10, 12), minutes(20, 21, true)],
    'not before the first data',
  );
  const silent = { ...reach, edgeMicros: end + 600e6 };
  t.strictSame(missingSpans(columns, coverage, silent).at(-1), minutes(60, 70), 'silent since');
  const ahead = { clockMicros: end + 120e6, edgeMicros: end + 120e6, isLate: false };
  t.equal(missingSpans(columns, coverage, ahead).length, 2, 'not asked for yet is not missing');
  t.strictSame(missingSpans(columns, coverage, { ...ahead, isLate: true }).at(-1), minutes(60, 62), 'late is');
  const underWay = columnsWith({ 59: 0.2 });
  const soon = { clockMicros: end - 45e6, edgeMicros: end - 45e6, isLate: false };
  t.strictSame(missingSpans(underWay, underWay.sides.left.coverage, soon), [], 'the newest column is under way');
  t.end();
});

t.test('time and frequency lie where the axes say', (t) => {
  const span = { firstMicros: START, lastMicros: START + 3600e6 };
  const geometry = arrayGeometry({ width: 400, height: 200, fontPx: 12 }, ['left', 'right'], span, 0.125);
  t.equal(xOfMicros(geometry, START), geometry.left);
  t.equal(xOfMicros(geometry, span.lastMicros), geometry.right);
  t.ok(Math.abs(microsOfX(geometry, xOfMicros(geometry, START + 1234e6)) - START - 1234e6) < 1);
  const [left, right] = geometry.bands;
  t.ok(left!.bottom < right!.top && right!.bottom === geometry.bottom);
  const rowHeight = (left!.bottom - left!.top) / 128;
  t.ok(Math.abs(yOfHz(geometry, left!, 10) - (left!.bottom - 80.5 * rowHeight)) < 1e-9);
  const rows = trendRowsOf('all');
  const layout = timelineLayout(400, 12, ['left', 'right'], span, 0.125, rows);
  t.equal(layout.trends.length, TREND_ROWS.length);
  t.ok(layout.bottom + 1.4 * 12 <= Math.ceil(timelineHeight(2, rows.length) * 12), 'the time axis has room');
  t.end();
});

t.test('ticks are whole times of the clock', (t) => {
  const noon = Date.UTC(2026, 10, 23, 12);
  const ticks = clockTicks(noon - 86_400e3 + 1, noon, 600, 60, true);
  t.ok(ticks.length >= 6);
  t.ok(ticks.every((tick) => tick % 10_800e3 === 0));
  const local = clockTicks(noon - 86_400e3, noon, 600, 60, false);
  t.ok(local.every((tick) => new Date(tick).getMinutes() === 0 && new Date(tick).getHours() % 3 === 0));
  t.end();
});

t.test('colours have one scale for all', (t) => {
  const colours = colourTable();
  const table = levelColours(colours);
  const levelOf = (decibels: number): number => (decibels + 60) * 2;
  t.equal(table[levelOf(LEVEL_SCALE.low)], colours[0]);
  t.equal(table[levelOf(LEVEL_SCALE.low) - 10], colours[0]);
  t.equal(table[levelOf(LEVEL_SCALE.high)], colours.at(-1));
  t.equal(table[255], colours.at(-1));
  t.end();
});

t.test('trends: scales that hold their ticks, and the asymmetry of two sides', (t) => {
  for (const { ticks, shareOf, key } of TREND_ROWS) {
    const shares = ticks.map(shareOf);
    t.ok(
      shares.every((share, i) => share >= 0 && share <= 1 && share > (shares[i - 1] ?? -1)),
      key,
    );
  }
  const envelope = TREND_ROWS.find(({ key }) => key === 'envelope')!;
  t.equal(envelope.shareOf(10), 0.5, 'linear to 10 µV');
  t.equal(envelope.shareOf(100), 1);
  const columns = columnsWith({ 3: 0 });
  columns.sides.right.coverage.fill(1);
  columns.sides.left.levels.fill(140);
  columns.sides.right.levels.fill(152);
  const asymmetry = asymmetryDecibels(columns);
  t.ok(Math.abs(asymmetry[0]! - 6) < 1e-5, '6 dB');
  t.ok(Number.isNaN(asymmetry[3]), 'none where one side is not there');
  t.end();
});

t.test('the sides of a bed', (t) => {
  t.strictSame(sidesOf(['F8-T8', 'Fz-Cz', 'C3-P3']), ['left', 'right']);
  t.strictSame(sidesOf(['C4-P4']), ['right']);
  t.strictSame(sidesOf(['Fz-Cz', 'Ch 1']), []);
  t.end();
});

t.test('since when, and how well', (t) => {
  const nowMs = 100_000;
  const serverTimeMicros = new Date(2026, 10, 23, 14, 0, 0).getTime() * 1000;
  const moment: SinceMoment = {
    nowMs,
    serverTimeMicros,
    isRecording: false,
    freshness: 'fresh',
    resumedMicros: undefined,
  };
  const bedOf = (ageMs: number, startedAgo: number): BedModel =>
    ({ ageMs: () => ageMs, info: { startTimeMicros: serverTimeMicros - startedAgo * 1e6 } }) as unknown as BedModel;
  t.equal(sinceText(bedOf(0, 600), undefined, moment), 'live since 13:50:00');
  t.equal(sinceText(bedOf(0, 20_000), undefined, moment), 'live for over 2 h');
  const resumed = { ...moment, resumedMicros: serverTimeMicros - 60e6 };
  t.equal(sinceText(bedOf(0, 20_000), undefined, resumed), 'live since 13:59:00');
  t.equal(sinceText(bedOf(30_000, 600), undefined, { ...moment, freshness: 'stale' }), 'no data since 13:59:30');
  t.equal(sinceText(bedOf(0, 600), undefined, { ...moment, isRecording: true }), '');
  const alarm = openAlarm({ raisedTimeMicros: serverTimeMicros - 120e6 });
  t.equal(sinceText(bedOf(0, 600), alarm, moment), 'alarm since 13:58:00');
  t.equal(sinceText(bedOf(0, 600), { ...alarm, endedTimeMicros: serverTimeMicros }, moment), 'alarm of 13:58:00, over');
  t.match(signalText({}, 'fresh'), { text: '' });
  t.match(signalText({ channelFaults: [] }, 'fresh'), { text: 'Signal good' });
  t.match(signalText({ channelFaults: [] }, 'stale'), { text: '' }, 'not of the past');
  const faults = ['T8', 'F8', 'Fp1'].map((label) => ({ label, state: 'off' as const }));
  t.match(signalText({ channelFaults: faults.slice(0, 1) }, 'fresh'), { text: 'Signal: T8 off' });
  t.match(signalText({ channelFaults: faults }, 'fresh'), {
    text: 'Signal: 3 channels faulty',
    title: /T8 F8 Fp1 off/,
  });
  t.end();
});
