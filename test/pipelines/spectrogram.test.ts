import { from, lastValueFrom, of, toArray } from 'rxjs';
import t from 'tap';
import { bandProfile, CANVAS, type BandProfile } from '../../pipelines/core/profile.js';
import type { Annotation, StreamItem } from '../../pipelines/core/signal.js';
import { Periodogram } from '../../pipelines/dsp/periodogram.js';
import type { ColumnFrame } from '../../pipelines/items.js';
import { spectrogram } from '../../pipelines/spectrogram.js';
import { marbles } from './support/marbles.js';
import { block, gap, info, walks, streamOf } from './support/signals.js';

const slow = bandProfile('slow');
const signals = walks(1, 2, 600);
const cut = (start: number, end: number): Float32Array[] => signals.map((signal) => signal.slice(start, end));

/** Column by the definition. */
function column(index: number, profile: BandProfile = slow): ColumnFrame {
  const power = new Float64Array(128);
  const periodogram = new Periodogram(profile);
  const decibels = signals.map((signal) => {
    periodogram.measure(signal, index * profile.hopSamples, power);
    return Float32Array.from(power, (p) => 10 * Math.log10(Math.max(p, CANVAS.powerFloor)));
  });
  return { type: 'column', profile, column: index, decibels };
}

t.test('columns come with their last sample, on the absolute grid, and none over a gap', (t) => {
  const note: Annotation = { type: 'annotation', onsetSeconds: 1, durationSeconds: 0, text: 'eyes open' };
  const inputs: Record<string, StreamItem> = {
    i: info(['a', 'b'], 32),
    // Column c is samples 15 c to 15 c + 95.
    a: block(0, cut(0, 95)),
    b: block(95, cut(95, 96)),
    c: block(96, cut(96, 130)),
    n: note,
    g: gap(130, 3),
    d: block(133, cut(133, 230)),
    e: block(230, cut(230, 231)),
    f: block(240, cut(240, 351)),
  };
  const values = {
    ...inputs,
    0: column(0),
    1: column(1),
    2: column(2),
    9: column(9),
    R: column(16),
    S: column(17),
  };
  marbles(t, ({ cold, expectObservable, expectSubscriptions }) => {
    const operator = spectrogram(slow);
    const source = cold<StreamItem>('iab--c---n-g-d-e-f----|', inputs);
    // Marbles that come at one time stand in brackets, and take the time of their characters.
    const wanted = '                 i-0--(12)--g---9-(RS)-|';
    expectObservable(source.pipe(operator)).toBe(wanted, values);
    expectObservable(source.pipe(operator), '--^').toBe(`--${wanted}`, values);
    const left = cold<StreamItem>('  iab--c---n', inputs);
    expectObservable(left.pipe(operator), '----!').toBe('i-0', values);
    expectSubscriptions(left.subscriptions).toBe('^---!');
    expectObservable(cold<StreamItem>('iab#', inputs).pipe(operator)).toBe('i-0#', values);
  });
  t.end();
});

t.test('a sample that is not finite costs its derivation the columns that hold it', async (t) => {
  const bad = cut(0, 200);
  bad[1]![60] = NaN;
  const stream: StreamItem[] = [info(['a', 'b'], 32), block(0, bad)];
  const items = await lastValueFrom(from(stream).pipe(spectrogram(slow), toArray()));
  const columns = items.filter((item) => item.type === 'column');
  t.equal(columns.length, 7);
  for (const { column: index, decibels } of columns) {
    t.same(decibels[0], column(index).decibels[0], 'the other derivation does not notice');
    if (index <= 4) t.ok(decibels[1]!.every(Number.isNaN));
    else t.same(decibels[1], column(index).decibels[1]);
  }
});

t.test('errors', (t) => {
  const codes: unknown[] = [];
  const error = (caught: unknown): number => codes.push((caught as { code: string }).code);
  of(info(['a'], 64))
    .pipe(spectrogram(slow))
    .subscribe({ error });
  of(block(0, cut(0, 1)))
    .pipe(spectrogram(slow))
    .subscribe({ error });
  streamOf(info(['a', 'b'], 32), block(5, cut(0, 5)), block(9, cut(0, 5)))
    .pipe(spectrogram(slow))
    .subscribe({ error });
  t.same(codes, ['PIPELINE_RATE_MISMATCH', 'PIPELINE_NO_INFO', 'PIPELINE_CLOCK_BACKWARDS']);
  t.end();
});
