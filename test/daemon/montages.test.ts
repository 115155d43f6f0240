import t from 'tap';
import { montagesOf } from '../../daemon/montages.js';
import { TEN_TWENTY, DOUBLE_BANANA } from '../../pipelines/dsp/doubleBanana.js';
import { TRANSVERSE } from '../../pipelines/dsp/transverse.js';
import { classifyLabels } from '../../pipelines/core/labels.js';
import type { StreamInfo } from '../../pipelines/core/signal.js';

function infoOf(...sourceLabels: readonly string[]): StreamInfo {
  const channels = classifyLabels(sourceLabels).map(({ label }, i) => ({ label, sourceLabel: sourceLabels[i]! }));
  return { type: 'info', channels, leftOut: [], sampleRate: 256, startTimeMicros: 7, source: 'test' };
}

function names(info: StreamInfo, configured: Parameters<typeof montagesOf>[2] = 'auto'): readonly string[] {
  return montagesOf('Bed', info, configured).montages.map(({ name }) => name);
}

t.test('every montage of a whole 10-20 recording, each made of its channels', (t) => {
  const { channels, averaged, montages, startTimeMicros } = montagesOf('Bed', infoOf(...TEN_TWENTY, 'EKG'), 'auto');
  t.same(channels, [...TEN_TWENTY, 'EKG']);
  t.equal(startTimeMicros, 7);
  t.same(
    averaged,
    TEN_TWENTY.map((_, i) => i),
  );
  t.same(
    montages.map(({ name }) => name),
    ['configured', 'bipolar', 'transverse', 'recorded'],
    'the average is what is configured',
  );
  const labels = new Map(montages.map(({ name, derivations }) => [name, derivations.map(({ label }) => label)]));
  t.same(labels.get('bipolar'), DOUBLE_BANANA);
  t.same(labels.get('transverse'), TRANSVERSE);
  t.same(labels.get('recorded'), TEN_TWENTY, 'what is no EEG is left out');
  for (const { name, derivations, leftOut } of montages) {
    t.same(leftOut, []);
    for (const { label, plus, minus, sign } of derivations) {
      const [first, second] = label.split('-');
      t.equal(channels[plus], first, `${name} ${label}`);
      t.equal(typeof minus === 'number' ? channels[minus] : minus, second === 'avg' ? 'average' : (second ?? null));
      t.equal(sign, 1);
    }
  }
  t.same(names(infoOf(...TEN_TWENTY), 'bipolar'), ['configured', 'transverse', 'average', 'recorded']);
  t.end();
});

t.test('a derivation without its electrode is left out, and told', (t) => {
  const { montages } = montagesOf('Bed', infoOf(...TEN_TWENTY.filter((electrode) => electrode !== 'T7')), 'auto');
  const bipolar = montages.find(({ name }) => name === 'bipolar');
  t.equal(bipolar?.derivations.length, DOUBLE_BANANA.length - 2);
  t.same(bipolar?.leftOut, [
    { label: 'F7-T7', reason: 'electrode T7 is not recorded' },
    { label: 'T7-P7', reason: 'electrode T7 is not recorded' },
  ]);
  t.match(montages.find(({ name }) => name === 'transverse')?.leftOut, [{ label: 'T7-C3', reason: /T7|name/ }]);
  t.end();
});

t.test('only what there are electrodes for is offered', (t) => {
  t.same(names(infoOf('Fp1', 'Fp2', 'F7', 'F8')), ['configured', 'recorded'], 'too few for a chain');
  t.same(names(infoOf(...DOUBLE_BANANA)), ['configured'], 'bipolar as recorded is all that can be had');
  t.same(names(infoOf('LA1', 'LA2', 'LA3')), ['configured'], 'depth electrodes');
  t.same(names(infoOf('C3', 'C4'), { derivations: ['C3-C4'] }), ['configured', 'recorded']);
  t.same(montagesOf('Bed', undefined, 'auto').montages, [], 'nothing before the stream has begun');
  const twice = montagesOf('Bed', infoOf('X', 'X'), 'recorded');
  t.same(twice.channels, ['X', 'X (2)']);
  t.end();
});
