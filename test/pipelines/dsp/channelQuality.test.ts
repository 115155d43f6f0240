import t from 'tap';
import type { QualityFrame } from '../../../pipelines/core/quality.js';
import type { ElectrodeContact, StreamInfo } from '../../../pipelines/core/signal.js';
import { QualityMonitor } from '../../../pipelines/dsp/channelQuality.js';

const RATE = 250;
const RANGE = [-187_500, 187_500] as const;

function info(nChannels: number, sampleRate = RATE): StreamInfo {
  const channels = Array.from({ length: nChannels }, (_, i) => ({
    label: `C${String(i)}`,
    sourceLabel: '',
    rangeMicrovolts: RANGE,
  }));
  return { type: 'info', channels, leftOut: [], sampleRate, startTimeMicros: 0, source: 'test' };
}

/** White noise of that standard deviation, seeded. */
function noise(n: number, sd: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: n }, () => {
    let sum = 0;
    for (let i = 0; i < 12; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      sum += state / 2 ** 32;
    }
    return (sum - 6) * sd;
  });
}

function hum(n: number, hertz: number, amplitude: number, sampleRate = RATE): Float32Array {
  return Float32Array.from({ length: n }, (_, i) => amplitude * Math.sin((2 * Math.PI * hertz * i) / sampleRate + 1));
}

const plus = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value + b[i]!);

/** Three seconds of channels in blocks of 0.1 s. */
function framesOf(
  samples: readonly Float32Array[],
  contacts?: readonly ElectrodeContact[],
  rate = RATE,
): QualityFrame[] {
  const monitor = new QualityMonitor(info(samples.length, rate));
  if (contacts !== undefined) monitor.electrodes({ type: 'electrodes', sample: 0, channels: contacts });
  const frames: QualityFrame[] = [];
  for (let from = 0; from < samples[0]!.length; from += rate / 10) {
    const part = samples.map((channel) => channel.slice(from, from + rate / 10));
    frames.push(...monitor.block({ type: 'block', firstSample: from, samples: part }));
  }
  return frames;
}

t.test('each state, and a frame a second', (t) => {
  const n = 3 * RATE;
  const clipped = noise(n, 100).map((value, i) => (i % 30 === 0 ? RANGE[1] : value));
  const frames = framesOf([
    noise(n, 20),
    plus(noise(n, 20), hum(n, 50, 80)),
    plus(noise(n, 20), hum(n, 60, 80)),
    noise(n, 0).fill(-3000),
    clipped,
  ]);
  t.same(
    frames.map(({ seconds }) => seconds),
    [1, 2, 3],
  );
  for (const { channels } of frames) {
    t.same(
      channels.map(({ state }) => state),
      ['good', 'hum', 'hum', 'flat', 'saturated'],
    );
    t.same(
      channels.map(({ label }) => label),
      ['C0', 'C1', 'C2', 'C3', 'C4'],
    );
    t.ok(Math.abs(channels[1]!.humMicrovolts - 80 / Math.SQRT2) < 5, `hum ${String(channels[1]!.humMicrovolts)} uV`);
  }
  t.end();
});

t.test('what is strong but not hum, suppressed but not flat, is good', (t) => {
  const n = 3 * RATE;
  const frames = framesOf([hum(n, 12, 200), noise(n, 0.5), plus(noise(n, 30), hum(n, 50, 20)), hum(n, 40, 100)]);
  for (const { channels } of frames)
    t.ok(
      channels.every(({ state }) => state === 'good'),
      JSON.stringify(channels),
    );
  t.end();
});

t.test('the device has the last word on its electrodes', (t) => {
  const n = RATE;
  const contacts = [{ isOff: true }, { impedanceOhms: 4700 }, { impedanceOhms: 3e6 }, { isOff: false }, {}];
  const [frame] = framesOf(
    contacts.map(() => noise(n, 20)),
    contacts,
  );
  t.same(
    frame!.channels.map(({ state }) => state),
    ['off', 'good', 'off', 'good', 'good'],
  );
  t.equal(frame!.channels[1]!.impedanceOhms, 4700);
  t.notOk('impedanceOhms' in frame!.channels[4]!);
  t.end();
});

t.test('at rates that cannot hold mains, hum is not judged', (t) => {
  const [frame] = framesOf([hum(100, 45, 200, 100)], undefined, 100);
  t.equal(frame!.channels[0]!.state, 'good');
  t.equal(frame!.channels[0]!.humMicrovolts, 0);
  t.end();
});
