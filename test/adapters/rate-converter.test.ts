import t from 'tap';
import type { PlayedSample } from '../../adapters/emulators/device.js';
import { RateConverter } from '../../adapters/emulators/rate-converter.js';

/** A sine through the converter, in blocks, with a gap of the input from second 4 to 5. */
function convert(inputRate: number, outputRate: number, hertz: number): PlayedSample[] {
  const converter = new RateConverter(inputRate, outputRate);
  const out: PlayedSample[] = [];
  const take = (): void => {
    for (let sample = converter.next(); sample !== undefined && sample !== 'end'; sample = converter.next())
      out.push(sample);
  };
  const quarter = inputRate / 4;
  for (let block = 0; block < 40; block++) {
    const firstSample = block * quarter;
    if (block === 16) converter.push({ type: 'gap', firstSample, nSamples: inputRate, reason: 'recording-gap' });
    if (block < 16 || block >= 20) {
      const samples = [
        Float32Array.from({ length: quarter }, (_, i) =>
          Math.sin((2 * Math.PI * hertz * (firstSample + i)) / inputRate),
        ),
      ];
      converter.push({ type: 'block', firstSample, samples });
    }
    take();
  }
  converter.end();
  take();
  return out;
}

for (const [inputRate, outputRate] of [
  [256, 250],
  [200, 250],
  [1000, 250],
  [500, 512],
  [128, 128],
] as const) {
  t.test(`${inputRate} Hz to ${outputRate} Hz`, (t) => {
    for (const hertz of [1, 10, 40]) {
      const out = convert(inputRate, outputRate, hertz);
      t.ok(Math.abs(out.length - 10 * outputRate) <= 4, `10 s long: ${out.length}`);
      const nLost = out.filter((sample) => sample === 'lost').length;
      t.ok(Math.abs(nLost - outputRate) <= 4, `${nLost} samples lie in the gap of 1 s`);
      let worst = 0;
      out.forEach((sample, n) => {
        const seconds = n / outputRate;
        const isNearEdge = [0, 4, 5, 10].some((edge) => Math.abs(seconds - edge) < 0.2);
        if (sample === 'lost' || isNearEdge) return;
        worst = Math.max(worst, Math.abs(sample[0]! - Math.sin(2 * Math.PI * hertz * seconds)));
      });
      t.ok(worst < (inputRate === outputRate ? 1e-6 : 2e-3), `${hertz} Hz: off by ${worst.toExponential(1)} at most`);
    }
    t.end();
  });
}

t.test('what the new rate cannot hold is kept out', (t) => {
  const out = convert(1000, 250, 180);
  const left = Math.max(...out.slice(100, 900).map((sample) => (sample === 'lost' ? 0 : Math.abs(sample[0]!))));
  t.ok(left < 2e-3, `180 Hz at 250 Hz: ${left.toExponential(1)} is left`);
  t.end();
});
