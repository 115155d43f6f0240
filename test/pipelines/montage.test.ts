import { lastValueFrom, of, toArray } from 'rxjs';
import t from 'tap';
import { TEN_TWENTY } from '../../pipelines/dsp/doubleBanana.js';
import { montage } from '../../pipelines/montage.js';
import type { Annotation, StreamItem } from '../../pipelines/core/signal.js';
import { marbles } from './support/marbles.js';
import { block, gap, info, streamOf } from './support/signals.js';

const f = (...values: number[]): Float32Array => Float32Array.from(values);
const note: Annotation = { type: 'annotation', onsetSeconds: 1, durationSeconds: 0, text: 'eyes open' };

t.test('derivations of blocks; gaps and annotations pass; the end and an error come through', (t) => {
  const values = {
    i: info(['F7', 'T7', 'ECG'], 256),
    b: block(0, [f(5, 7), f(1, 10), f(0, 0)]),
    g: gap(2, 10),
    n: note,
    c: block(12, [f(1), f(2), f(0)]),
    I: {
      ...info([], 256),
      channels: [
        { label: 'F7-T7', sourceLabel: 'EEG F7 - EEG T7' },
        { label: 'T7', sourceLabel: 'EEG T7' },
      ],
      leftOut: [{ sourceLabel: 'EEG ECG', reason: 'not EEG (ecg)' }],
    },
    B: block(0, [f(4, -3), f(1, 10)]),
    C: block(12, [f(-1), f(2)]),
  };
  marbles(t, ({ cold, expectObservable, expectSubscriptions }) => {
    const operator = montage({ derivations: ['F7-T7', 'T7'] });
    const source = cold<StreamItem>('  -i-bgn-c-|', values);
    expectObservable(source.pipe(operator)).toBe('-I-Bgn-C-|', values);
    const failing = cold<StreamItem>(' i-b-#', values);
    expectObservable(failing.pipe(operator)).toBe('I-B-#', values);
    const left = cold<StreamItem>('    -i-bgn-c-|', values);
    const unsubscribed = '              -----!';
    expectObservable(left.pipe(operator), unsubscribed).toBe('-I-Bg', values);
    expectSubscriptions(left.subscriptions).toBe('^----!');
  });
  t.end();
});

t.test('errors: samples without info, a montage that cannot be made', (t) => {
  const codes: unknown[] = [];
  const error = (caught: unknown): number => codes.push((caught as { code: string }).code);
  of(block(0, [f(1)]))
    .pipe(montage('auto'))
    .subscribe({ error });
  of(info(['Q'], 256))
    .pipe(montage('bipolar'))
    .subscribe({ error });
  t.same(codes, ['PIPELINE_NO_INFO', 'PIPELINE_MONTAGE_EMPTY']);
  t.end();
});

t.test('the common average leaves out an electrode while it is not finite', async (t) => {
  const labels = TEN_TWENTY.slice(0, 4);
  const stream = streamOf(info(labels, 256), block(0, [f(1, 1), f(2, 2), f(3, NaN), f(6, 6)]));
  const [, mixed] = await lastValueFrom(stream.pipe(montage('auto'), toArray()));
  t.same(mixed, block(0, [f(-2, -2), f(-1, -1), f(0, NaN), f(3, 3)]));
});

t.test('a derivation recorded the other way round is turned', async (t) => {
  const stream = streamOf(info(['P7-T7'], 256), block(0, [f(1, -2)]));
  const items = await lastValueFrom(stream.pipe(montage({ derivations: ['T7-P7'] }), toArray()));
  t.match(items[0], { channels: [{ label: 'T7-P7', sourceLabel: '-(EEG P7-T7)' }] });
  t.same(items[1], block(0, [f(-1, 2)]));
});
