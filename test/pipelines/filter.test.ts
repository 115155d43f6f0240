import { from, lastValueFrom, of, toArray } from 'rxjs';
import t from 'tap';
import { filter } from '../../pipelines/filter.js';
import type { SampleBlock, StreamItem } from '../../pipelines/core/signal.js';
import { butterworthHighpass, notch } from '../../pipelines/dsp/biquad.js';
import { BiquadCascade } from '../../pipelines/dsp/biquadCascade.js';
import { marbles } from './support/marbles.js';
import { block, gap, info, walks, streamOf } from './support/signals.js';

const OPTIONS = { highpassHz: 0.3, notchHz: 50 };
const signals = walks(1, 2, 60);
const cut = (start: number, end: number): Float32Array[] => signals.map((signal) => signal.slice(start, end));

/** Each stretch filtered in one piece, as if it were a stream of its own. */
function filtered(start: number, end: number): Float32Array[] {
  return cut(start, end).map((signal) => {
    const output = new Float32Array(signal.length);
    new BiquadCascade([butterworthHighpass(0.3, 256), notch(50, 30, 256)]).process(signal, output);
    return output;
  });
}

t.test('state goes on from block to block, and begins anew after a gap or a jump', (t) => {
  const whole = filtered(0, 20);
  const values = {
    i: info(['a', 'b'], 256),
    a: block(0, cut(0, 13)),
    b: block(13, cut(13, 20)),
    g: gap(20, 10),
    c: block(30, cut(30, 40)),
    d: block(45, cut(45, 60)),
    A: block(
      0,
      whole.map((signal) => signal.slice(0, 13)),
    ),
    B: block(
      13,
      whole.map((signal) => signal.slice(13)),
    ),
    C: block(30, filtered(30, 40)),
    D: block(45, filtered(45, 60)),
  };
  marbles(t, ({ cold, expectObservable, expectSubscriptions }) => {
    const operator = filter(OPTIONS);
    const source = cold<StreamItem>('         i-a-b-gc-d-|', values);
    const wanted = '                                  i-A-B-gC-D-|';
    expectObservable(source.pipe(operator)).toBe(wanted, values);
    // A second subscriber of the same operator has a state of its own.
    expectObservable(source.pipe(operator), '---^').toBe(`---${wanted}`, values);
    const left = cold<StreamItem>('           i-a-b-gc', values);
    expectObservable(left.pipe(operator), '   ---!').toBe('i-A', values);
    expectSubscriptions(left.subscriptions).toBe('^--!');
    expectObservable(cold<StreamItem>('i-a-#', values).pipe(operator)).toBe('i-A-#', values);
  });
  t.end();
});

t.test('errors name what does not fit', (t) => {
  const caught: { code: string; message: string }[] = [];
  const error = (thrown: { code: string; message: string }): number => caught.push(thrown);
  of(info(['a'], 100))
    .pipe(filter({ highpassHz: 50 }))
    .subscribe({ error });
  of(info(['a'], 100))
    .pipe(filter({ highpassHz: 0.3, notchHz: -50 }))
    .subscribe({ error });
  of(block(0, cut(0, 1)))
    .pipe(filter(OPTIONS))
    .subscribe({ error });
  of(gap(0, 1)).pipe(filter(OPTIONS)).subscribe({ error });
  streamOf(info(['a', 'b'], 256), block(9, cut(0, 1)), block(9, cut(0, 1)))
    .pipe(filter(OPTIONS))
    .subscribe({ error });
  streamOf(info(['a', 'b'], 256), gap(5, 10), block(12, cut(0, 1)))
    .pipe(filter(OPTIONS))
    .subscribe({ error });
  streamOf(info(['a', 'b'], 256), block(0.5, cut(0, 1)))
    .pipe(filter(OPTIONS))
    .subscribe({ error });
  t.same(
    caught.map(({ code }) => code),
    [
      ...['PIPELINE_FILTER_EDGE', 'PIPELINE_FILTER_EDGE', 'PIPELINE_NO_INFO', 'PIPELINE_NO_INFO'],
      ...['PIPELINE_CLOCK_BACKWARDS', 'PIPELINE_CLOCK_BACKWARDS', 'PIPELINE_CLOCK_BACKWARDS'],
    ],
  );
  t.match(caught[0]?.message, /50 Hz.*100 Hz/);
  t.match(caught[4]?.message, /stood at sample 10, .*from 9 on/);
  t.end();
});

t.test('a notch at or above half of the rate is not needed', async (t) => {
  const stream: StreamItem[] = [info(['a', 'b'], 100), block(0, signals)];
  const outputs = await Promise.all(
    [50, 60, undefined].map((notchHz) =>
      lastValueFrom(from(stream).pipe(filter({ highpassHz: 0.3, notchHz }), toArray())),
    ),
  );
  t.same(outputs[0], outputs[2]);
  t.same(outputs[1], outputs[2]);
});

t.test('the input is not written to', async (t) => {
  const input = block(0, walks(1, 1, 50));
  const before = input.samples[0]!.slice();
  const out = (await lastValueFrom(streamOf(info(['a'], 256), input).pipe(filter(OPTIONS)))) as SampleBlock;
  t.same(input.samples[0], before);
  t.notSame(out.samples[0], before);
});
