import { concatWith, from, lastValueFrom, of, toArray } from 'rxjs';
import t from 'tap';
import { canvas } from '../../pipelines/canvas.js';
import { bandProfile } from '../../pipelines/core/profile.js';
import { CanvasRing } from '../../pipelines/dsp/canvasRing.js';
import type { CanvasStep, ColumnFrame, Passing } from '../../pipelines/items.js';
import { marbles } from './support/marbles.js';
import { gap, info, Lcg } from './support/signals.js';

type Item = ColumnFrame | Passing;

const slow = bandProfile('slow');

function column(index: number, profile = slow): ColumnFrame {
  const lcg = new Lcg(index);
  const decibels = [0, 1].map(() => Float32Array.from({ length: 128 }, () => 40 * lcg.next()));
  return { type: 'column', profile, column: index, decibels };
}

/** The step after these columns. */
function stepAfter(columns: readonly number[]): CanvasStep {
  const ring = new CanvasRing(2);
  for (const index of columns) ring.push(index, column(index).decibels);
  return { type: 'canvases', profile: slow, column: columns.at(-1)!, canvases: ring.canvases(), nDerivations: 2 };
}

const range = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);

t.test('a step follows every second column, once sixteen are there; everything passes', (t) => {
  // A is column 1, P column 16.
  const letters = Object.fromEntries(range(1, 20).map((index) => [String.fromCharCode(64 + index), column(index)]));
  const inputs: Record<string, Item> = {
    ...letters,
    i: info(['a', 'b'], 32),
    o: column(3, bandProfile('scalp')),
    g: gap(300, 100),
    y: column(101),
    z: column(130),
  };
  const values = {
    ...inputs,
    p: stepAfter(range(1, 17)),
    r: stepAfter(range(1, 19)),
    // Columns 3 to 18 and two more: what lies between is empty.
    x: stepAfter([...range(1, 19), 101, 130]),
  };
  marbles(t, ({ cold, expectObservable, expectSubscriptions }) => {
    const operator = canvas<Item>(slow);
    const source = cold<Item>('iABCDEFGHIJKLMNoOP---QR---gyz---|', inputs);
    const wanted = '           iABCDEFGHIJKLMNoO(Pp)Q(Rr)gy(zx)|';
    expectObservable(source.pipe(operator)).toBe(wanted, values);
    expectObservable(source.pipe(operator), '--^').toBe(`--${wanted}`, values);
    const left = cold<Item>('  iABCD', inputs);
    expectObservable(left.pipe(operator), '--!').toBe('iA', values);
    expectSubscriptions(left.subscriptions).toBe('^-!');
    expectObservable(cold<Item>('iA#', inputs).pipe(operator)).toBe('iA#', values);
  });
  t.end();
});

t.test('after a gap longer than a canvas it waits for sixteen columns again', async (t) => {
  const stream: Item[] = [
    info(['a', 'b'], 32),
    ...range(1, 21).map((c) => column(c)),
    ...range(500, 521).map((c) => column(c)),
  ];
  const items = await lastValueFrom(from(stream).pipe(canvas<Item>(slow), toArray()));
  const steps = items.filter((item) => item.type === 'canvases');
  t.same(
    steps.map((step) => step.column),
    [16, 18, 20, 516, 518, 520],
  );
  t.same(steps.at(-1)?.canvases, stepAfter(range(500, 521)).canvases);
});

t.test('a new info begins anew', async (t) => {
  const stream: Item[] = [info(['a', 'b'], 32), ...range(1, 17).map((c) => column(c))];
  const items = await lastValueFrom(from(stream).pipe(concatWith(from(stream)), canvas<Item>(slow), toArray()));
  t.equal(items.filter((item) => item.type === 'canvases').length, 2);
});

t.test('errors: columns without info, or out of order', (t) => {
  const codes: unknown[] = [];
  const error = (caught: unknown): number => codes.push((caught as { code: string }).code);
  of(column(1)).pipe(canvas(slow)).subscribe({ error });
  from<Item[]>([info(['a', 'b'], 32), column(2), column(1)])
    .pipe(canvas(slow))
    .subscribe({ error });
  t.same(codes, ['PIPELINE_NO_INFO', 'PIPELINE_COLUMN_ORDER']);
  t.end();
});
