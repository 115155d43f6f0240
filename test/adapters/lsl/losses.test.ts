import t, { type Test } from 'tap';
import { contractBreach } from '../conformance.js';
import { skipWithoutPeers } from '../python-peers.js';
import { Laboratory, type OutletOptions } from './liblsl.js';
import { Listener } from './listener.js';

const skip = skipWithoutPeers();
const STREAM: OutletOptions = {
  name: 'Amp',
  nChannels: 3,
  sampleRate: 250,
  sourceId: 'amp',
  labels: ['C3', 'Cz', 'C4'],
};

function laboratory(t: Test): Laboratory {
  const lab = new Laboratory();
  t.teardown(() => lab.stop());
  return lab;
}

void t.test('samples that the program lost are a gap, also in chunks of one time stamp each', { skip }, async (t) => {
  const lab = laboratory(t);
  const outlet = await lab.outlet({ ...STREAM, chunk: 10 });
  const listener = new Listener({ name: 'Amp', unit: 'microvolts', ...lab.network });
  await listener.hear(125);
  for (const n of [1, 3, 40, 600]) {
    outlet.tell(`lose ${n}`);
    await listener.hear(150);
  }
  listener.leave();
  t.equal(contractBreach(listener.items), undefined);
  t.same(
    listener.gaps.map(({ nSamples, reason }) => [nSamples, reason]),
    [1, 3, 40, 600].map((n) => [n, 'lost-packets']),
  );
  let previous: number | undefined;
  let nWrong = 0;
  for (const item of listener.items) {
    if (item.type === 'gap') previous = (previous! + item.nSamples * 0.5) % 2500;
    if (item.type !== 'block') continue;
    for (const value of item.samples[0]!) {
      if (previous !== undefined && value !== (previous + 0.5) % 2500) nWrong++;
      previous = value;
    }
  }
  t.equal(nWrong, 0, 'each gap lies where the samples are missing');
});

void t.test('a program that stamps what it reads when it reads it loses nothing by that', { skip }, async (t) => {
  const lab = laboratory(t);
  const outlet = await lab.outlet({ ...STREAM, stamps: 'arrival', pollSeconds: 0.03 });
  const listener = new Listener({ name: 'Amp', unit: 'microvolts', ...lab.network });
  await listener.hear(250);
  for (const seconds of [0.1, 0.4]) {
    outlet.tell(`delay ${seconds}`);
    await listener.hear(250);
  }
  listener.leave();
  t.equal(contractBreach(listener.items), undefined);
  t.same(listener.gaps, []);
});

void t.test(
  'samples that are no numbers are a gap; a channel that never is one ends the stream',
  { skip },
  async (t) => {
    const lab = laboratory(t);
    const outlet = await lab.outlet({ ...STREAM, chunk: 10 });
    const listener = new Listener({ name: 'Amp', unit: 'microvolts', ...lab.network });
    await listener.hear(50);
    outlet.tell('nan 4');
    await listener.hear(50);
    t.same(
      listener.gaps.map(({ nSamples }) => nSamples),
      [4],
    );
    outlet.tell('nan 1000000');
    await listener.until(() => listener.error !== undefined);
    t.match(listener.error, { code: 'LSL_VALUES' });
    t.match(String(listener.error), /channel C3/);
    t.equal(contractBreach(listener.items), undefined);
  },
);

void t.test('a clock that is set back ends the stream', { skip }, async (t) => {
  const lab = laboratory(t);
  const outlet = await lab.outlet(STREAM);
  const listener = new Listener({ name: 'Amp', unit: 'microvolts', ...lab.network });
  await listener.hear(50);
  outlet.tell('back 3');
  await listener.until(() => listener.error !== undefined);
  t.match(listener.error, { code: 'LSL_CLOCK_JUMP' });
  outlet.tell('back -10');
  const ahead = new Listener({ name: 'Amp', unit: 'microvolts', ...lab.network });
  await ahead.hear(50);
  t.match(ahead.info.source, /its clock unknown/, 'stamps seven seconds in the future are of no LSL clock');
  t.ok(Math.abs(ahead.info.startTimeMicros / 1000 - Date.now()) < 2000, 'arrival counts');
  outlet.tell('back -20');
  await ahead.until(() => ahead.error !== undefined);
  t.match(ahead.error, { code: 'LSL_CLOCK_JUMP' });
  t.same(ahead.gaps, []);
});
