import t from 'tap';
import { microvoltsPerCount } from '../../adapters/cyton/board.js';
import { EmulatedCyton } from '../../adapters/cyton/emulated-board.js';
import { CytonSamples, type CytonSample } from '../../adapters/cyton/samples.js';

const CHANNELS = Array.from({ length: 16 }, (_, place) => ({ label: `Ch${place}`, place, gain: 24 as const }));

/** What becomes of a signal of 16 equal channels, sample `n` at `n / 250` s, with packets left out. */
function throughDaisy(
  signal: (seconds: number) => number,
  nPackets: number,
  isLost: (n: number) => boolean = () => false,
): CytonSample[] {
  const board = new EmulatedCyton({ hasDaisy: true, answer: () => undefined });
  board.receive(Buffer.from('<b'));
  const samples: CytonSample[] = [];
  const reader = new CytonSamples({ hasDaisy: true, channels: CHANNELS }, (sample) => samples.push(sample));
  for (let n = 0; n < nPackets; n++) {
    const bytes = board.next(new Float64Array(16).fill(signal(n / 250)));
    if (!isLost(n)) reader.push(bytes!, n * 4000);
  }
  return samples;
}

/** Amplitude and phase (radians) at a frequency over whole seconds at 125 Hz. */
function component(values: readonly number[], hertz: number): { readonly amplitude: number; readonly phase: number } {
  let real = 0;
  let imaginary = 0;
  values.forEach((value, i) => {
    real += value * Math.cos((2 * Math.PI * hertz * i) / 125);
    imaginary -= value * Math.sin((2 * Math.PI * hertz * i) / 125);
  });
  return { amplitude: (2 * Math.hypot(real, imaginary)) / values.length, phase: Math.atan2(imaginary, real) };
}

void t.test('both halves show the same signal at the same time', (t) => {
  for (const hertz of [1, 3, 8, 13, 20, 30, 40, 45]) {
    const samples = throughDaisy((seconds) => 100 * Math.sin(2 * Math.PI * hertz * seconds), 250 * 5);
    const middle = samples.slice(40, 40 + 3 * 125);
    const board = component(
      middle.map(({ microvolts }) => microvolts[0]!),
      hertz,
    );
    const daisy = component(
      middle.map(({ microvolts }) => microvolts[8]!),
      hertz,
    );
    const microseconds = ((daisy.phase - board.phase) / (2 * Math.PI * hertz)) * 1e6;
    t.ok(Math.abs(microseconds) < 20, `${hertz} Hz: ${microseconds.toFixed(1)} us apart (4000 without the correction)`);
    const ratio = daisy.amplitude / board.amplitude;
    t.ok(Math.abs(ratio - 1) < 0.005, `${hertz} Hz: Daisy to board ${ratio.toFixed(4)}`);
    const firmware = Math.cos((Math.PI * hertz) / 250);
    t.ok(Math.abs(board.amplitude / 100 - firmware) < 0.001, `${hertz} Hz: the board's mean of two is left as it is`);
  }
  t.end();
});

void t.test('a straight line is exact, at 125 Hz, up to a count', (t) => {
  const samples = throughDaisy((seconds) => seconds * 250, 2500);
  t.equal(samples[0]?.sample, 0);
  for (const { sample, microvolts } of samples) {
    // The first sample is that of board packet 3, the mean of samples 2 and 3.
    const expected = 2.5 + 2 * sample;
    if (!microvolts.every((value) => Math.abs(value - expected) < 1.6 * microvoltsPerCount(24)))
      t.fail(`sample ${sample}: ${[...microvolts].join(' ')}, not ${expected}`);
  }
  t.equal(samples.length, 2500 / 2 - 1 - 10, 'ten are still to come');
  t.equal(samples.at(-1)!.deviceMicros! - samples[0]!.deviceMicros!, (samples.length - 1) * 8000);
  t.end();
});

void t.test('a lost packet costs the samples that need it, and moves no other', (t) => {
  const line = (seconds: number): number => seconds * 250;
  const cases: readonly [name: string, lost: readonly number[], missing: readonly number[]][] = [
    ['one of the board', [501], [249]],
    ['one of the Daisy', [502], [249, 250]],
    ['four in a row', [501, 502, 503, 504], [249, 250, 251]],
    ['the first ones', [0, 1, 2, 3, 4], []],
  ];
  for (const [name, lost, missing] of cases) {
    const samples = throughDaisy(line, 1500, (n) => lost.includes(n));
    const numbers = samples.map(({ sample }) => sample);
    const absent = Array.from({ length: numbers.at(-1)! }, (_, n) => n).filter((n) => !numbers.includes(n));
    t.same(absent, missing, name);
    const start = samples[0]!.microvolts[0]!;
    const wrong = samples.filter(({ sample, microvolts }) =>
      microvolts.some((value) => Math.abs(value - start - 2 * sample) > 2 * microvoltsPerCount(24)),
    );
    t.same(wrong, [], `${name}: every sample at its place`);
  }
  t.end();
});

void t.test('a long loss', (t) => {
  const samples = throughDaisy(
    (seconds) => seconds * 250,
    6000,
    (n) => n > 1000 && n < 4000,
  );
  const numbers = samples.map(({ sample }) => sample);
  const jump = numbers.findIndex((n, i) => i > 0 && n !== numbers[i - 1]! + 1);
  t.equal(numbers[jump]! - numbers[jump - 1]! - 1, 1500);
  t.end();
});
