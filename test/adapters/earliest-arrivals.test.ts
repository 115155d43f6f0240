import t from 'tap';
import { EarliestArrivals } from '../../adapters/earliest-arrivals.js';
import { seeded } from './cyton-damage.js';

const START = 1_700_000_000_000_000;

interface Arriving {
  readonly nominalHz: number;
  /** Samples a second that the device takes. */
  readonly trueHz: number;
  readonly seconds: number;
  /** Most milliseconds that a sample is late. */
  readonly lateMs: number;
  /** From sample to sample of the readings. */
  readonly every: number;
}

/** A device whose samples come late at random. @returns what is known at the end, and when the next sample is due */
function arrive({ nominalHz, trueHz, seconds, lateMs, every }: Arriving): [EarliestArrivals, number, number] {
  const random = seeded(7);
  const arrivals = new EarliestArrivals(nominalHz);
  const nSamples = Math.round(seconds * trueHz);
  let hostMicros = START;
  for (let n = 0; n < nSamples; n += every) {
    // None comes before the one before it.
    hostMicros = Math.max(hostMicros, START + (n / trueHz) * 1e6 + random() * lateMs * 1000);
    arrivals.add(n, hostMicros);
  }
  return [arrivals, nSamples, START + (nSamples / trueHz) * 1e6];
}

t.test('tells the host time of a sample from readings that are late at random', (t) => {
  for (const arriving of [
    { nominalHz: 250, trueHz: 250, seconds: 0.3, lateMs: 16, every: 2 },
    { nominalHz: 250, trueHz: 250, seconds: 4, lateMs: 60, every: 4 },
    { nominalHz: 1000, trueHz: 1000, seconds: 20, lateMs: 30, every: 8 },
  ]) {
    const [arrivals, next, dueMicros] = arrive(arriving);
    const errorMs = (arrivals.hostMicros(next)! - dueMicros) / 1000;
    t.ok(errorMs > -1e-3 && errorMs < 1, `late by up to ${arriving.lateMs} ms: ${errorMs.toFixed(3)} ms`);
  }
  t.end();
});

t.test('a rate that is not the nominal one is known after a minute, and does little harm before', (t) => {
  const drifting = { nominalHz: 250, trueHz: 250 * 1.0002, lateMs: 10, every: 10 };
  const [young, youngNext, youngDue] = arrive({ ...drifting, seconds: 30 });
  t.equal(young.rateHz, 250);
  t.ok(Math.abs(young.hostMicros(youngNext)! - youngDue) < 2000, `${young.hostMicros(youngNext)! - youngDue} us`);
  const [old, oldNext, oldDue] = arrive({ ...drifting, seconds: 300 });
  t.ok(Math.abs(old.rateHz / drifting.trueHz - 1) < 5e-6, `${old.rateHz} Hz`);
  t.ok(Math.abs(old.hostMicros(oldNext)! - oldDue) < 1000, `${old.hostMicros(oldNext)! - oldDue} us`);
  t.end();
});

t.test('says nothing before the first reading, and begins anew with a clock that is set back', (t) => {
  const arrivals = new EarliestArrivals(100);
  t.equal(arrivals.hostMicros(0), undefined);
  t.equal(arrivals.spanMicros, 0);
  arrivals.add(10, START);
  t.equal(arrivals.hostMicros(20), START + 100_000);
  arrivals.add(110, START + 1e6);
  t.equal(arrivals.spanMicros, 1e6);
  arrivals.add(120, START - 3600e6);
  t.equal(arrivals.hostMicros(120), START - 3600e6);
  t.equal(arrivals.spanMicros, 0);
  t.end();
});
