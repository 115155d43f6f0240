import t from 'tap';
import { butterworthHighpass, notch } from '../../../pipelines/dsp/biquad.js';
import { BiquadBank } from '../../../pipelines/dsp/biquadBank.js';
import { BiquadCascade } from '../../../pipelines/dsp/biquadCascade.js';
import { Lcg, walk } from '../support/signals.js';

const SECTIONS = [butterworthHighpass(0.3, 256), notch(50, 30, 256)];
const N_SAMPLES = 2000;

t.test('bit-equal to a cascade for each signal, however blocks are cut, with samples that are not finite', (t) => {
  for (const nSignals of [1, 2, 5, 18]) {
    for (const sections of [SECTIONS, SECTIONS.slice(0, 1)]) {
      const lcg = new Lcg(nSignals);
      const signals = Array.from({ length: nSignals }, (_, s) => {
        const signal = walk(s + 1, N_SAMPLES);
        for (let i = 0; i < N_SAMPLES; i++) {
          const chance = lcg.next();
          if (chance < 0.001) signal[i] = [NaN, Infinity, -Infinity][s % 3]!;
          if (chance > 0.999) signal.fill(0, i, i + 200);
        }
        return signal;
      });
      const wanted = signals.map((signal) => {
        const output = new Float32Array(N_SAMPLES);
        new BiquadCascade(sections).process(signal, output);
        return output;
      });
      const bank = new BiquadBank(sections, nSignals);
      const outputs = signals.map(() => new Float32Array(N_SAMPLES));
      for (let from = 0; from < N_SAMPLES;) {
        const to = Math.min(N_SAMPLES, from + 1 + Math.floor(100 * lcg.next()));
        const part = (all: readonly Float32Array[]) => all.map((each) => each.subarray(from, to));
        bank.process(part(signals), part(outputs), to - from);
        from = to;
      }
      t.same(outputs, wanted, `${nSignals} signals, ${sections.length} sections`);
    }
  }
  t.end();
});

t.test('begins anew after a reset', (t) => {
  const signals = [walk(1, 100), walk(2, 100)];
  const bank = new BiquadBank(SECTIONS, 2);
  const [first, second] = [0, 1].map(() => signals.map(() => new Float32Array(100))) as [
    Float32Array[],
    Float32Array[],
  ];
  bank.process(signals, first, 100);
  bank.reset();
  bank.process(signals, second, 100);
  t.same(second, first);
  t.end();
});
