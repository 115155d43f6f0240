import fc from 'fast-check';
import t from 'tap';
import { CANVAS } from '../../../pipelines/core/profile.js';
import { isChirpdError } from '../../../pipelines/core/errors.js';
import { CanvasRing } from '../../../pipelines/dsp/canvasRing.js';
import { Lcg } from '../support/signals.js';

const { rows: ROWS, columns: COLUMNS, whitening: WHITENING, minimumValidColumns: MINIMUM } = CANVAS;

/** The definition: all columns are kept, each canvas is made from nothing with a sort. */
function definition(columns: ReadonlyMap<number, readonly Float32Array[]>, newest: number, d: number): Float32Array {
  const canvas = new Float32Array(ROWS * COLUMNS).fill(WHITENING.empty);
  const present: [number, Float32Array][] = [];
  for (let i = 0; i < COLUMNS; i++) {
    const column = columns.get(newest - COLUMNS + 1 + i)?.[d];
    if (column?.every(Number.isFinite)) present.push([i, column]);
  }
  if (present.length < MINIMUM) return canvas;
  for (let row = 0; row < ROWS; row++) {
    const sorted = present.map(([, column]) => column[row]!).sort((a, b) => a - b);
    const background = sorted[Math.floor(WHITENING.quantile * (present.length - 1))]!;
    for (const [i, column] of present) {
      const value = (column[row]! - background) / WHITENING.decibelsPerUnit;
      canvas[row * COLUMNS + i] = Math.min(WHITENING.high, Math.max(WHITENING.low, value));
    }
  }
  return canvas;
}

t.test('canvases are those of the definition, whatever is missing or equal', (t) => {
  const property = fc.property(
    fc.record({
      seed: fc.nat(),
      // 1 gives many ties, 1000 hardly any.
      levels: fc.constantFrom(1, 5, 1000),
      steps: fc.array(
        fc.record({
          nColumns: fc.integer({ min: 1, max: 60 }),
          skipped: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 5 }) }, fc.integer({ min: 0, max: 200 })),
          bad: fc.boolean(),
        }),
        { minLength: 1, maxLength: 6 },
      ),
    }),
    ({ seed, levels, steps }) => {
      const lcg = new Lcg(seed);
      const ring = new CanvasRing(2);
      const columns = new Map<number, readonly Float32Array[]>();
      let column = 0;
      for (const { nColumns, skipped, bad } of steps) {
        column += skipped;
        for (let i = 0; i < nColumns; i++, column++) {
          const decibels = [0, 1].map(() =>
            Float32Array.from({ length: ROWS }, () => Math.floor(levels * lcg.next()) * (60 / levels) - 30),
          );
          if (bad && i % 3 === 0) decibels[1]!.fill(NaN);
          columns.set(column, decibels);
          ring.push(column, decibels);
        }
        const canvases = ring.canvases();
        for (const d of [0, 1]) {
          const wanted = definition(columns, column - 1, d);
          const found = canvases.subarray(d * ROWS * COLUMNS, (d + 1) * ROWS * COLUMNS);
          const at = wanted.findIndex((value, i) => value !== found[i]);
          if (at >= 0) throw new Error(`at ${String(at)}: ${String(found[at])}, wanted ${String(wanted[at])}`);
        }
      }
    },
  );
  t.doesNotThrow(() => {
    fc.assert(property, { numRuns: 40 });
  });
  t.end();
});

t.test('a column out of order is refused', (t) => {
  const ring = new CanvasRing(1);
  ring.push(7, [new Float32Array(ROWS)]);
  for (const column of [7, 3]) {
    t.throws(
      () => {
        ring.push(column, [new Float32Array(ROWS)]);
      },
      { code: 'PIPELINE_COLUMN_ORDER' },
    );
  }
  try {
    ring.push(8, []);
  } catch (error) {
    t.ok(isChirpdError(error, 'PIPELINE_COLUMN_ORDER'), 'so is one of other derivations');
  }
  t.end();
});
