import t from 'tap';
import { lastValueFrom, takeWhile, toArray } from 'rxjs';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { syntheticAdapter } from '../../adapters/synthetic/adapter.js';
import {
  chirpFrequencyHz,
  chirpMicrovolts,
  chirpsBetween,
  type SyntheticChirp,
} from '../../adapters/synthetic/chirps.js';
import { ELECTRODES_10_20 } from '../../adapters/synthetic/electrodes.js';
import { syntheticOptionsSchema } from '../../adapters/synthetic/options.js';
import { SyntheticSignal } from '../../adapters/synthetic/signal.js';

const defaults = syntheticOptionsSchema.parse({});

function rms(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

function correlation(a: Float32Array, b: Float32Array): number {
  const product = a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  return product / (a.length * rms(a) * rms(b));
}

/** Mean power density between two frequencies, uV^2/Hz, from Hann-tapered spans of four seconds. */
function density(values: Float32Array, sampleRate: number, lowHz: number, highHz: number): number {
  const n = 4 * sampleRate;
  let sum = 0;
  let count = 0;
  for (let start = 0; start + n <= values.length; start += n) {
    for (let hz = lowHz; hz <= highHz; hz += 0.25) {
      let re = 0;
      let im = 0;
      for (let i = 0; i < n; i++) {
        const tapered = (values[start + i] as number) * 0.5 * (1 - Math.cos((2 * Math.PI * i) / n));
        re += tapered * Math.cos((2 * Math.PI * hz * i) / sampleRate);
        im -= tapered * Math.sin((2 * Math.PI * hz * i) / sampleRate);
      }
      sum += (2 * (re * re + im * im)) / (sampleRate * n * 0.375);
      count++;
    }
  }
  return sum / count;
}

void t.test('the values do not depend on how many are asked for at a time', (t) => {
  const options = { ...defaults, seed: 7 };
  const nSamples = 256 * 40;
  const whole = new SyntheticSignal(options).next(nSamples);
  for (const size of [1, 7, 64, 4096]) {
    const signal = new SyntheticSignal(options);
    const parts: Float32Array[][] = [];
    for (let done = 0; done < nSamples; done += size) parts.push(signal.next(Math.min(size, nSamples - done)));
    const isEqual = whole.every((values, channel) => {
      const joined = parts.flatMap((part) => [...(part[channel] ?? [])]);
      return joined.length === nSamples && values.every((value, i) => value === joined[i]);
    });
    t.ok(isEqual, `blocks of ${size}`);
  }
  t.end();
});

void t.test('seeds differ, and the same seed gives the same on every machine', (t) => {
  const first = (seed: number): number[] => [...(new SyntheticSignal({ ...defaults, seed }).next(3)[0] ?? [])];
  t.same(first(1), first(1));
  t.notSame(first(1), first(2));
  t.end();
});

void t.test('background: amplitude, slope and kinship of an EEG', (t) => {
  const channels = new SyntheticSignal({ ...defaults, chirps: false }).next(256 * 120);
  const at = (label: string): Float32Array =>
    channels[ELECTRODES_10_20.findIndex((place) => place.label === label)] as Float32Array;
  for (const [i, values] of channels.entries()) {
    const level = rms(values);
    t.ok(level > 9 && level < 32, `${ELECTRODES_10_20[i]?.label}: ${level.toFixed(1)} uV RMS`);
  }
  const falls = density(at('Cz'), 256, 1.5, 2.5) / density(at('Cz'), 256, 15, 25);
  t.ok(falls > 8 && falls < 120, `power falls by a factor ${falls.toFixed(0)} from 2 to 20 Hz`);
  const near = correlation(at('P3'), at('Pz'));
  const far = correlation(at('P3'), at('F8'));
  t.ok(near > 0.25 && near < 0.8 && near > far, `neighbours ${near.toFixed(2)}, far apart ${far.toFixed(2)}`);
  const alpha = density(at('O1'), 256, 8.5, 11) / density(at('O1'), 256, 13, 15);
  const frontal = density(at('Fz'), 256, 8.5, 11) / density(at('Fz'), 256, 13, 15);
  t.ok(alpha > 3 && alpha > 1.5 * frontal, `alpha behind ${alpha.toFixed(1)}, in front ${frontal.toFixed(1)}`);
  const peak = Math.max(...at('Fp1'));
  t.ok(peak > 80 && peak < 250, `blinks of ${peak.toFixed(0)} uV`);
  t.end();
});

void t.test('chirps keep to what real ones look like', (t) => {
  for (let seed = 0; seed < 30; seed++) {
    const chirps = chirpsBetween({ seed, nChannels: 19 }, 0, 3600);
    t.ok(chirps.length >= 39 && chirps.length <= 90);
    const bad = chirps.filter((chirp, i) => !isPlausible(chirp, chirps[i - 1]));
    t.same(bad, [], `seed ${seed}`);
  }
  const few = chirpsBetween({ seed: 1, nChannels: 2 }, 0, 600);
  t.ok(
    few.every(({ electrodes }) => electrodes.length === 2),
    'with two electrodes, both',
  );
  t.end();
});

function isPlausible(chirp: SyntheticChirp, previous: SyntheticChirp | undefined): boolean {
  const { onsetSeconds, durationSeconds, startFrequencyHz, endFrequencyHz, harmonics, electrodes } = chirp;
  const wait = previous === undefined ? onsetSeconds : onsetSeconds - previous.onsetSeconds;
  const sweepHz = Math.abs(startFrequencyHz - endFrequencyHz);
  return (
    (previous === undefined ? wait >= 8 && wait <= 15 : wait >= 40 && wait <= 90) &&
    durationSeconds >= 10 &&
    durationSeconds <= 35 &&
    Math.min(startFrequencyHz, endFrequencyHz) >= 2.5 &&
    Math.max(startFrequencyHz, endFrequencyHz) <= 10 &&
    sweepHz >= 1.5 &&
    sweepHz <= 5 &&
    harmonics.length >= 1 &&
    harmonics.length <= 4 &&
    harmonics.every((share, i) => share < (harmonics[i - 1] ?? 1)) &&
    electrodes.length >= 3 &&
    electrodes.length <= 8 &&
    electrodes.every(({ gain }) => gain > 0 && gain <= 1)
  );
}

void t.test('the phase of a chirp runs at the frequency it states', (t) => {
  for (const chirp of chirpsBetween({ seed: 3, nChannels: 19 }, 0, 600)) {
    const pure = { ...chirp, harmonics: [] };
    const electrode = { channel: 0, label: 'Cz', gain: 1, delaySeconds: 0 };
    const crossings: number[] = [];
    const step = 1 / 4096;
    let before = 0;
    for (let seconds = step; seconds < chirp.durationSeconds; seconds += step) {
      const value = chirpMicrovolts(pure, electrode, seconds, 128);
      if (before < 0 && value >= 0) crossings.push(seconds);
      before = value;
    }
    const worst = crossings.slice(1).reduce((most, seconds, i) => {
      const from = crossings[i] as number;
      const measured = 1 / (seconds - from);
      return Math.max(most, Math.abs(measured - chirpFrequencyHz(chirp, (from + seconds) / 2)));
    }, 0);
    t.ok(worst < 0.05, `${chirp.sweep} from ${chirp.startFrequencyHz.toFixed(1)} Hz: ${worst.toFixed(3)} Hz off`);
    t.equal(chirpFrequencyHz(chirp, 0), chirp.startFrequencyHz);
    t.ok(Math.abs(chirpFrequencyHz(chirp, chirp.durationSeconds) - chirp.endFrequencyHz) < 1e-9);
  }
  t.end();
});

void t.test('a chirp stands out of the background where it is', (t) => {
  const [chirp] = chirpsBetween({ seed: 1, nChannels: 19 }, 0, 60) as [SyntheticChirp];
  const options = { ...defaults, seed: 1 };
  const end = Math.ceil((chirp.onsetSeconds + chirp.durationSeconds) * 256);
  const channel = chirp.electrodes[0]?.channel ?? 0;
  const withChirp = new SyntheticSignal(options).next(end)[channel] as Float32Array;
  const without = new SyntheticSignal({ ...options, chirps: false }).next(end)[channel] as Float32Array;
  const middle = chirp.onsetSeconds + chirp.durationSeconds / 2;
  const span = (values: Float32Array): Float32Array =>
    values.subarray(Math.round((middle - 2) * 256), Math.round((middle + 2) * 256));
  const hz = chirpFrequencyHz(chirp, chirp.durationSeconds / 2);
  const decibels =
    10 *
    Math.log10(density(span(withChirp), 256, hz - 0.5, hz + 0.5) / density(span(without), 256, hz - 0.5, hz + 0.5));
  t.ok(decibels > 8, `${decibels.toFixed(1)} dB above the background`);
  const before = withChirp.subarray(0, Math.floor(chirp.onsetSeconds * 256));
  t.same(before, without.subarray(0, before.length), 'and changes nothing before it begins');
  t.end();
});

void t.test('the truth is told at the onset of each chirp', async (t) => {
  const options = { ...defaults, seed: 5, startTimeMicros: 1e15, durationSeconds: 130 };
  const items = await lastValueFrom(syntheticAdapter.open(options, { pacer: fullSpeedPacer() }).pipe(toArray()));
  const truth = chirpsBetween(options, 0, 130);
  const told = items.filter((item) => item.type === 'annotation');
  t.same(
    told.map(({ onsetSeconds, durationSeconds }) => [onsetSeconds, durationSeconds]),
    truth.map(({ onsetSeconds, durationSeconds }) => [onsetSeconds, durationSeconds]),
  );
  for (const { text } of told) t.match(text, /^chirp \d+\.\d-\d+\.\d Hz (linear|exponential)$/);
  for (const annotation of told) {
    const previous = items[items.indexOf(annotation) - 1];
    if (previous?.type !== 'block') throw new Error('an annotation follows the block that holds its onset');
    const end = (previous.firstSample + (previous.samples[0]?.length ?? 0)) / 256;
    t.ok(annotation.onsetSeconds < end && annotation.onsetSeconds >= end - 0.25);
  }
  t.match(items[0], { type: 'info', synthetic: true, startTimeMicros: 1e15, nSamplesTotal: 130 * 256 });
});

void t.test('eight beds cost a few per cent of a core', async (t) => {
  const startMs = performance.now();
  const cpuBefore = process.cpuUsage();
  const seconds = 60;
  const stream = syntheticAdapter.open({ ...defaults, startTimeMicros: 0 }, { pacer: fullSpeedPacer() });
  await lastValueFrom(
    stream.pipe(
      takeWhile((item) => item.type !== 'block' || item.firstSample < seconds * 256),
      toArray(),
    ),
  );
  const { user, system } = process.cpuUsage(cpuBefore);
  const share = (8 * (user + system)) / 1e6 / seconds;
  t.comment(
    `${(share * 100).toFixed(1)} % of a core for eight beds; ${Math.round(performance.now() - startMs)} ms for ${seconds} s`,
  );
  t.ok(share < 0.15, `${(share * 100).toFixed(1)} %`);
});
