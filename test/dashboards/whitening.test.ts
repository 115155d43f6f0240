import t from 'tap';
import { colourTable } from '../../dashboards/web/colormap.js';
import { ROWS } from '../../dashboards/web/columnRing.js';
import { COLOUR_SCALE, differenceColours, whitenColumn } from '../../dashboards/web/whitening.js';

/** Relative luminance of a pixel, as WCAG 2 defines it. */
function luminance(pixel: number): number {
  const channel = (shift: number): number => {
    const u = ((pixel >>> shift) & 255) / 255;
    return u <= 0.04045 ? u / 12.92 : ((u + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(0) + 0.7152 * channel(8) + 0.0722 * channel(16);
}

void t.test('the colour map only gets lighter, from dark to light, and is opaque', (t) => {
  const table = colourTable();
  t.equal(table.length, 256);
  for (let i = 1; i < table.length; i++) {
    const [before, here] = [luminance(table[i - 1] ?? 0), luminance(table[i] ?? 0)];
    if (here < before - 0.003) t.fail(`step ${String(i)} is darker than the one before it`);
  }
  t.ok(luminance(table[0] ?? 0) < 0.02);
  t.ok(luminance(table[255] ?? 0) > 0.7);
  t.ok(table.every((pixel) => pixel >>> 24 === 255));
  t.end();
});

void t.test('the strongest derivation is the one most above its own background, not the loudest', (t) => {
  const levels = new Uint8Array(2 * ROWS).fill(100);
  const background = new Uint8Array(2 * ROWS).fill(90);
  levels[5] = 200;
  background[5] = 198;
  levels[ROWS + 5] = 60;
  background[ROWS + 5] = 20;
  const out = new Uint16Array(ROWS);
  whitenColumn(levels, background, 'strongest', out);
  t.equal(out[5], 255 + 40);
  t.equal(out[6], 255 + 10);
  whitenColumn(levels, background, 0, out);
  t.equal(out[5], 255 + 2);
  whitenColumn(levels, background, 1, out);
  t.equal(out[5], 255 + 40);
  t.end();
});

void t.test('the scale runs between its ends and saturates outside', (t) => {
  const colours = colourTable();
  for (const choice of [0, 'strongest'] as const) {
    const { low, high } = choice === 0 ? COLOUR_SCALE.single : COLOUR_SCALE.strongest;
    const table = differenceColours(choice, colours);
    t.equal(table[255 + 2 * low], colours[0]);
    t.equal(table[0], colours[0]);
    t.equal(table[255 + 2 * high], colours[255]);
    t.equal(table[510], colours[255]);
    t.equal(table[255 + low + high], colours[128]);
  }
  t.end();
});
