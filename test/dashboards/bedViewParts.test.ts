import t from 'tap';
import { commandOf } from '../../dashboards/web/bedViewKeys.js';
import { derivationFaults } from '../../dashboards/web/bedViewLabels.js';
import { baseline, clockOf, columnAt, columnOf, eegPage, scaleBar } from '../../dashboards/web/bedViewPage.js';
import { bedHash, bedOfHash } from '../../dashboards/web/bedViewRoute.js';
import { asRecorded } from '../../dashboards/web/bedViewMontage.js';
import { EegSamples } from '../../dashboards/web/bedViewSamples.js';
import { eegSections } from '../../dashboards/web/bedViewSections.js';
import { DEFAULT_SETTINGS, filtersOf, readSettings, stepped } from '../../dashboards/web/bedViewSettings.js';
import { pageText } from '../../dashboards/web/bedViewText.js';

const WIDE = { width: 1140, height: 540, ratio: 1, magnification: 1, nDerivations: 18 };
const PX_PER_MM = 96 / 25.4;

void t.test('any name of a bed survives the address', (t) => {
  for (const name of ['Bed 1', 'a/b?c#d&e=f', 'Küvette 3 %', '床', '#bed=']) t.equal(bedOfHash(bedHash(name)), name);
  t.equal(bedHash('Bed 1'), '#bed=Bed%201');
  t.equal(bedOfHash('#bed=100%'), '100%', 'written by hand');
  for (const other of ['', '#', '#bed=', '#event-panel']) t.equal(bedOfHash(other), undefined);
  t.end();
});

void t.test('a page is 300 mm of paper, or what fits', (t) => {
  const page = eegPage(WIDE, DEFAULT_SETTINGS);
  t.equal(page.seconds, 10);
  t.equal(page.width, 1134);
  t.ok(Math.abs(page.width / page.seconds - 30 * PX_PER_MM) < 0.1, '30 mm/s');
  t.ok(Math.abs(page.pxPerMicrovolt - PX_PER_MM / 7) < 1e-9, '7 µV/mm');
  t.equal(eegPage(WIDE, { ...DEFAULT_SETTINGS, timeBase: 15 }).seconds, 20);
  t.equal(eegPage(WIDE, { ...DEFAULT_SETTINGS, timeBase: 60 }).seconds, 5);
  const phone = eegPage({ ...WIDE, width: 670, ratio: 2 }, DEFAULT_SETTINGS);
  t.equal(phone.width, 670);
  t.ok(Math.abs(phone.seconds - 335 / PX_PER_MM / 30) < 1e-9);
  const wall = eegPage({ ...WIDE, width: 2269, magnification: 2 }, DEFAULT_SETTINGS);
  t.equal(wall.seconds, 10);
  t.ok(Math.abs(wall.pxPerMicrovolt - (2 * PX_PER_MM) / 7) < 1e-9);
  t.equal(baseline(page, 0), 15);
  t.match(pageText(page, DEFAULT_SETTINGS, 256, 1), /^10 s page, 30 mm\/s, 7 µV\/mm, high-pass 0.5 Hz, .*notch off/);
  t.match(pageText(phone, DEFAULT_SETTINGS, 128, 2), /^3 s page, .*×2, .*low-pass 70 Hz beyond the sample rate/);
  t.end();
});

void t.test('each place of the page is one moment, and the clear part none', (t) => {
  const page = eegPage(WIDE, DEFAULT_SETTINGS);
  const clock = 1_795_845_123.4;
  const head = columnOf(page, clock);
  t.ok(Math.abs(clockOf(page, head) - clock) < 0.01);
  t.equal(head % page.width, Math.floor(0.34 * page.width), 'pages begin at whole tens of seconds');
  const x = head % page.width;
  t.equal(columnAt(page, head, x - 10), head - 10);
  t.equal(columnAt(page, head, x + 1), undefined);
  t.equal(columnAt(page, head, x + page.clearWidth), undefined);
  t.equal(columnAt(page, head, x + page.clearWidth + 1), head + page.clearWidth + 1 - page.width);
  t.equal(columnAt(page, head, -1), undefined);
  t.equal(columnAt(page, head, page.width), undefined);
  t.equal(scaleBar(PX_PER_MM / 7, 30), 50);
  t.equal(scaleBar(100, 30), 5, 'never none');
  t.end();
});

void t.test('settings step, go round, and only what can be chosen is read back', (t) => {
  t.equal(stepped(DEFAULT_SETTINGS, 'gain', -1).gain, 5);
  t.equal(stepped({ ...DEFAULT_SETTINGS, gain: 50 }, 'gain', 1).gain, 50);
  t.equal(stepped({ ...DEFAULT_SETTINGS, timeBase: 15 }, 'timeBase', -1).timeBase, 15);
  t.equal(stepped(DEFAULT_SETTINGS, 'lowpass', 1).lowpass, 0);
  t.equal(stepped(DEFAULT_SETTINGS, 'notch', -1).notch, 60);
  t.same(filtersOf(DEFAULT_SETTINGS), { highpassHz: 0.5, lowpassHz: 70, notchHz: undefined });
  const chosen = { ...DEFAULT_SETTINGS, gain: 20, notch: 50 };
  t.same(readSettings(JSON.stringify(chosen)), chosen);
  t.same(readSettings('{"gain": 4, "lowpass": 35, "toString": 0}'), { ...DEFAULT_SETTINGS, lowpass: 35 });
  for (const broken of [null, '', '{', '7', 'null']) t.same(readSettings(broken), DEFAULT_SETTINGS);
  t.end();
});

void t.test('keys', (t) => {
  const press = (key: string, shiftKey = false, onButton = false): unknown => commandOf({ key, shiftKey, onButton });
  t.same(press('+'), { type: 'step', name: 'gain', step: -1 }, 'larger waves');
  t.same(press('-'), { type: 'step', name: 'gain', step: 1 });
  t.same(press('T', true), { type: 'step', name: 'timeBase', step: -1 });
  t.same(press('h'), { type: 'step', name: 'highpass', step: 1 });
  t.same(press(' '), { type: 'pause' });
  t.same(press(' ', false, true), undefined, 'a button is pressed with it');
  t.same(press('p', false, true), { type: 'pause' });
  t.same(press('?', true), { type: 'help' });
  t.same(press('a', false, true), { type: 'mark' });
  t.same(press('r'), { type: 'rules' });
  t.same(press('Escape'), { type: 'back' });
  t.same(press('d'), { type: 'derivation', step: 1 });
  for (const other of ['x', 'Enter', 'ArrowLeft', 'constructor']) t.equal(press(other), undefined);
  t.end();
});

void t.test('a derivation is faulty where one of its channels is', (t) => {
  const channelFaults = [
    { label: 'T8', state: 'off' },
    { label: 'F7', state: 'saturated' },
  ] as const;
  t.equal(derivationFaults('T8-P8', { channelFaults }), 'T8 off');
  t.equal(derivationFaults('F7-T8', { channelFaults }), 'T8 off, F7 saturated');
  t.equal(derivationFaults('FT8-P7', { channelFaults }), '');
  t.equal(derivationFaults('T8-P8', {}), '');
  t.end();
});

const TWO = ['A', 'B'];

/** Two channels: an offset of 500 with a 10 Hz sine of 40 on it, and its negative. */
function samples(first: number, nSamples: number): Float32Array {
  const out = new Float32Array(2 * nSamples);
  for (let i = 0; i < nSamples; i++) {
    out[i] = 500 + 40 * Math.sin((2 * Math.PI * 10 * (first + i)) / 100);
    out[nSamples + i] = -out[i]!;
  }
  return out;
}

void t.test('samples are filtered alike however they are cut, and anew when filters change', (t) => {
  const sections = eegSections({ highpassHz: 0.5, lowpassHz: 35, notchHz: undefined }, 100);
  const [whole, cut, late] = [new EegSamples(TWO, 100, 12), new EegSamples(TWO, 100, 12), new EegSamples(TWO, 100, 12)];
  whole.show(asRecorded(TWO), sections);
  cut.show(asRecorded(TWO), sections);
  whole.put(0, samples(0, 1000));
  for (let first = 0; first < 1000; first += 8) cut.put(first, samples(first, 8));
  late.put(0, samples(0, 1000));
  t.equal(late.at(0, 0), 500, 'no filter');
  late.show(asRecorded(TWO), sections);
  const copy = late.copy();
  for (let i = 0; i < 1000; i++) {
    const value = whole.at(0, i);
    if (cut.at(0, i) !== value || late.at(0, i) !== value || copy.at(0, i) !== value) t.fail(`sample ${i}`);
    if (whole.at(1, i) !== -value) t.fail(`sample ${i} of the second derivation`);
  }
  late.put(1000, samples(1000, 100));
  t.equal(copy.end, 1000, 'a copy stands still');
  t.end();
});

void t.test('what never came is no number, and what is too old is gone', (t) => {
  const kept = new EegSamples(TWO, 100, 3);
  t.equal(kept.end, 0);
  kept.put(50, samples(50, 100));
  t.equal(kept.begin, 50, 'nothing is missing before the first');
  kept.put(200, samples(200, 100));
  t.ok(Number.isFinite(kept.at(0, 149)));
  t.ok(Number.isNaN(kept.at(0, 150)));
  t.ok(Number.isNaN(kept.at(1, 199)));
  t.ok(Number.isFinite(kept.at(0, 200)));
  t.ok(Number.isNaN(kept.at(0, 300)), 'not come yet');
  kept.put(900, samples(900, 50));
  t.equal(kept.begin, 650, 'after a long gap, all that is kept but the newest is gap');
  t.ok(Number.isNaN(kept.at(0, 700)));
  t.ok(Number.isFinite(kept.at(1, 920)));
  kept.put(0, samples(0, 10));
  t.same([kept.begin, kept.end], [0, 10], 'a stream that begins anew');
  t.end();
});
