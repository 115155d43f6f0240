import t from 'tap';
import { microvoltsPerCount } from '../../adapters/cyton/board.js';
import { CytonSamples, type CytonSample } from '../../adapters/cyton/samples.js';
import { countsOf, damagedStream, seeded } from './cyton-damage.js';

const BOARD = {
  hasDaisy: false,
  channels: Array.from({ length: 8 }, (_, place) => ({ label: `Ch${place}`, place, gain: 24 as const })),
};

/** Samples of a byte stream, cut at random and read at the pace of the line. */
function read(bytes: Uint8Array, seed: number): CytonSample[] {
  const random = seeded(seed);
  const samples: CytonSample[] = [];
  const reader = new CytonSamples(BOARD, (sample) => samples.push(sample));
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 1 + Math.floor(random() * 120));
    reader.push(bytes.subarray(at, end), (end / 8250) * 1e6);
    at = end;
  }
  return samples;
}

function isRight({ microvolts }: CytonSample, n: number): boolean {
  const counts = countsOf(n);
  return microvolts.every((value, channel) => value === counts[channel]! * microvoltsPerCount(24));
}

/** Number of the packet that became sample 0: what most samples say. */
function firstPacket(samples: readonly CytonSample[]): number {
  const votes = new Map<number, number>();
  for (const { sample, microvolts } of samples) {
    const first = Math.round(microvolts[0]! / microvoltsPerCount(24)) - sample;
    votes.set(first, (votes.get(first) ?? 0) + 1);
  }
  return [...votes].reduce((best, vote) => (vote[1] > best[1] ? vote : best))[0];
}

for (const [everyBytes, seed] of [
  [2000, 1],
  [500, 2],
  [150, 3],
] as const) {
  void t.test(`a million bytes with one damage in ${everyBytes}`, (t) => {
    const nPackets = Math.ceil(1_000_000 / 33);
    const { bytes, isWhole, nEvents } = damagedStream(nPackets, everyBytes, seed);
    const samples = read(bytes, seed);
    const first = firstPacket(samples);
    const delivered = new Set<number>();
    let nWrong = 0;
    let nWrongOfWhole = 0;
    for (const sample of samples) {
      const n = sample.sample + first;
      delivered.add(n);
      if (isRight(sample, n)) continue;
      nWrong++;
      if (isWhole[n] !== false) nWrongOfWhole++;
    }
    t.equal(nWrongOfWhole, 0, 'a whole packet is never wrong or at another place');
    let longestDeaf = 0;
    let nWholeLost = 0;
    for (let n = first, deaf = 0; n < nPackets - 1; n++) {
      deaf = isWhole[n] === true ? (delivered.has(n) ? 0 : deaf + 1) : 0;
      if (deaf > 0) nWholeLost++;
      longestDeaf = Math.max(longestDeaf, deaf);
    }
    const nDamaged = isWhole.filter((whole) => !whole).length;
    t.ok(longestDeaf < 3, `in step again within 3 packets (${longestDeaf} whole ones in a row lost)`);
    t.ok(nWrong <= nDamaged, `${nWrong} of ${nDamaged} damaged packets came through, flipped within a value`);
    t.comment(
      `${nEvents} damages, ${nDamaged} packets damaged; ${samples.length} samples; ${nWrong} wrong; ${nWholeLost} whole ones lost`,
    );
    t.end();
  });
}

void t.test('how the bytes are cut makes no difference', (t) => {
  const { bytes } = damagedStream(3000, 300, 4);
  const strip = (samples: readonly CytonSample[]): unknown[] =>
    samples.map(({ sample, microvolts }) => [sample, ...microvolts]);
  const once = strip(read(bytes, 1));
  for (let seed = 2; seed < 8; seed++) t.same(strip(read(bytes, seed)), once);
  t.end();
});

void t.test('noise holds no packets', (t) => {
  const random = seeded(5);
  const noise = Uint8Array.from({ length: 1_000_000 }, () => Math.floor(random() * 256));
  t.same(read(noise, 6).length, 0);
  const teasing = noise.map((byte) => (byte < 100 ? 0xa0 : byte < 200 ? 0xc0 : byte));
  t.ok(read(teasing, 7).length < 3000, 'even where half of all bytes begin or end packets');
  t.end();
});
