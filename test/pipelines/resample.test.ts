import { of } from 'rxjs';
import t from 'tap';
import { bandProfile } from '../../pipelines/core/profile.js';
import type { Annotation, StreamItem } from '../../pipelines/core/signal.js';
import { Resampler } from '../../pipelines/dsp/resampler.js';
import { resample } from '../../pipelines/resample.js';
import { marbles } from './support/marbles.js';
import { block, gap, info, walk } from './support/signals.js';

const slow = bandProfile('slow');
const note: Annotation = { type: 'annotation', onsetSeconds: 1, durationSeconds: 0, text: 'eyes open' };

t.test('samples come on the grid of the new rate; what a gap takes with it is told', (t) => {
  const signal = walk(1, 2000);
  const cut = (start: number, end: number): Float32Array[] => [signal.slice(start, end)];
  /** Outputs of the whole signal, of which stretches must come out bit for bit. */
  const outputs = new Resampler(1, 256, 32).push([signal], 2000)!.samples[0]!;
  const out = (start: number, end: number): Float32Array[] => [outputs.slice(start - 10, end - 10)];
  const values = {
    i: info(['a'], 256, { nSamplesTotal: 2001 }),
    // Output n is at sample 8 n and needs samples 8 n - 80 to 8 n + 80.
    a: block(0, cut(0, 160)),
    b: block(160, cut(160, 400)),
    g: gap(400, 100),
    h: gap(500, 1),
    c: block(501, cut(501, 502)),
    k: gap(502, 2),
    d: block(504, cut(504, 800)),
    n: note,
    I: info(['a'], 32, { nSamplesTotal: 251 }),
    B: block(10, out(10, 40)),
    G: gap(40, 33),
    K: gap(73, 0),
    D: block(73, out(73, 90)),
  };
  marbles(t, ({ cold, expectObservable, expectSubscriptions }) => {
    const operator = resample(slow);
    const source = cold<StreamItem>('ia-bg-hc-k-dn-|', values);
    // Samples 500 to 503 are lost too, and take no more with them than the first gap has told.
    const wanted = '                 I--BG------Dn-|';
    expectObservable(source.pipe(operator)).toBe(wanted, values);
    expectObservable(source.pipe(operator), '-^').toBe(`-${wanted}`, values);
    const left = cold<StreamItem>('  ia-bg-hc', values);
    expectObservable(left.pipe(operator), '----!').toBe('I--B', values);
    expectSubscriptions(left.subscriptions).toBe('^---!');
    expectObservable(cold<StreamItem>('i#', values).pipe(operator)).toBe('I#', values);
  });
  t.end();
});

t.test('a stream at the rate already passes', (t) => {
  const values = { i: info(['a'], 32), b: block(3, [walk(1, 5)]), g: gap(8, 2), n: note };
  marbles(t, ({ cold, expectObservable }) => {
    expectObservable(cold<StreamItem>('ibgn|', values).pipe(resample(slow))).toBe('ibgn|', values);
  });
  t.end();
});

t.test('a rate too low names the profiles that fit', (t) => {
  const caught: { code: string; message: string }[] = [];
  const error = (thrown: { code: string; message: string }): number => caught.push(thrown);
  of(info(['a'], 100))
    .pipe(resample(bandProfile('wide')))
    .subscribe({ error });
  of(info(['a'], 20))
    .pipe(resample(slow))
    .subscribe({ error });
  of(block(0, [walk(1, 5)]))
    .pipe(resample(slow))
    .subscribe({ error });
  t.match(caught, [
    { code: 'PIPELINE_RATE_TOO_LOW', message: /100 samples a second.*wide.*256.*fit: scalp, slow/ },
    { code: 'PIPELINE_RATE_TOO_LOW', message: /No profile fits/ },
    { code: 'PIPELINE_NO_INFO' },
  ]);
  t.equal(caught.length, 3);
  t.end();
});
