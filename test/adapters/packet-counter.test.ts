import t from 'tap';
import { encodeCytonPacket } from '../../adapters/cyton/packet.js';
import { CytonSamples } from '../../adapters/cyton/samples.js';
import { PacketCounter, type CountedPacket } from '../../adapters/serial/packet-counter.js';

const RATE = 250;

interface Numbered extends CountedPacket {
  readonly n: number;
}

interface Arrival {
  readonly n: number;
  /** Milliseconds after the start; left out: when it was made. */
  readonly atMs?: number;
  readonly deviceMs?: number | undefined;
}

/** Index minus number of each packet that came through, with the numbers. */
function run(
  arrivals: readonly Arrival[],
  hasClock: boolean,
): { readonly shift: number; readonly numbers: number[] }[] {
  const counter = new PacketCounter<Numbered>(RATE);
  const shifts: { shift: number; numbers: number[] }[] = [];
  for (const { n, atMs = n * 4, ...told } of arrivals) {
    const deviceMs = 'deviceMs' in told ? told.deviceMs : hasClock ? (4_294_960_000 + n * 4) % 2 ** 32 : undefined;
    for (const { index, packet } of counter.push({ counter: n & 255, deviceMs, n }, atMs * 1000)) {
      const shift = index - packet.n;
      if (shifts.at(-1)?.shift !== shift) shifts.push({ shift, numbers: [] });
      shifts.at(-1)!.numbers.push(packet.n);
    }
  }
  return shifts;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** Packets 0 to 499, then from `n` on for a second and a half. */
function lossUntil(n: number): Arrival[] {
  return [...range(0, 500), ...range(n, n + 375)].map((number) => ({ n: number }));
}

for (const hasClock of [true, false]) {
  const clock = hasClock ? "the device's clock" : "the host's clock";
  void t.test(`losses of any length, by ${clock}`, (t) => {
    for (const nLost of [1, 2, 7, 200, 255, 256, 257, 400, 511, 512, 700, 1000]) {
      const shifts = run(lossUntil(500 + nLost), hasClock);
      t.same(
        shifts.map(({ shift }) => shift),
        [0],
        `${nLost} lost`,
      );
      t.equal(shifts[0]?.numbers.length, 875, 'every packet that came has its place');
    }
    t.end();
  });

  void t.test(`a host that was busy takes late packets for late, by ${clock}`, (t) => {
    for (const stallMs of [100, 500, 1100, 1900]) {
      const late = range(0, 2000).map((n) => ({ n, atMs: n < 500 ? n * 4 : Math.max(n * 4, 500 * 4 + stallMs) }));
      const shifts = run(late, hasClock);
      t.same(shifts, [{ shift: 0, numbers: range(0, 2000) }], `${stallMs} ms`);
    }
    t.end();
  });
}

void t.test('late and lost at once', (t) => {
  for (const hasClock of [true, false]) {
    const made = [...range(0, 500), ...range(900, 2000)];
    const arrivals = made.map((n) => ({ n, atMs: n < 500 ? n * 4 : Math.max(n * 4, 4200) }));
    t.same(
      run(arrivals, hasClock).map(({ shift }) => shift),
      [0],
    );
  }
  t.end();
});

void t.test('a damaged time stamp moves nothing', (t) => {
  for (const deviceMs of [0, 1, 2 ** 31, 2 ** 32 - 1, 5000, undefined]) {
    const arrivals = range(0, 600).map((n) => (n === 0 || n === 300 || n === 301 ? { n, deviceMs } : { n }));
    const shifts = run(arrivals, true);
    t.same(shifts, [{ shift: 0, numbers: range(0, 600) }], String(deviceMs));
  }
  t.end();
});

void t.test('a packet that comes twice counts once', (t) => {
  const arrivals = [...range(0, 100), 99, ...range(100, 300)].map((n) => ({ n }));
  t.same(run(arrivals, false), [{ shift: 0, numbers: range(0, 300) }]);
  t.end();
});

void t.test('packets held after a pause come without another one', (t) => {
  const counter = new PacketCounter<CountedPacket>(RATE);
  counter.push({ counter: 0, deviceMs: undefined }, 0);
  t.same(counter.push({ counter: 1, deviceMs: undefined }, 1_028_000), [], 'is it the next one, or one a round later?');
  t.same(counter.release(1_100_000), [], 'wait');
  t.same(
    counter.release(1_400_000).map(({ index }) => index),
    [257],
  );
  t.same(counter.release(9_000_000), []);
  t.end();
});

void t.test('through the parser, which waits for what follows a packet, the time is that of its own bytes', (t) => {
  for (const stopByte of [0xc0, 0xc4]) {
    for (const nLost of [100, 256, 300, 450]) {
      const samples: number[] = [];
      const channels = [{ label: 'Ch1', place: 0, gain: 24 as const }];
      const reader = new CytonSamples({ hasDaisy: false, channels }, ({ sample }) => samples.push(sample));
      for (let n = 0; n < 1500; n++) {
        if (n >= 500 && n < 500 + nLost) continue;
        const time = [0, 0, 0, 0, (n * 4) >> 8, n * 4].map((byte) => byte & 0xff);
        reader.push(encodeCytonPacket(n & 255, [n], time, stopByte), n * 4000);
      }
      t.equal(samples.at(-1), 1498, `${nLost} lost, stop byte ${stopByte.toString(16)}`);
      t.equal(samples.length, 1499 - nLost);
    }
  }
  t.end();
});
