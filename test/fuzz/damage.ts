import type { Random } from '../../adapters/synthetic/random.js';

export function pick<Value>(random: Random, from: readonly Value[]): Value {
  return from[random.whole(0, from.length - 1)] as Value;
}

export function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.whole(0, 255)));
}

/** One change of bytes: flipped, put in, cut out, doubled, cut off. */
export function damageOnce(random: Random, bytes: Buffer): Buffer {
  const at = random.whole(0, bytes.length);
  const before = bytes.subarray(0, at);
  const length = random.whole(1, random.uniform() < 0.8 ? 8 : 200);
  switch (random.whole(0, 6)) {
    case 0:
      return Buffer.concat([before, randomBytes(random, length), bytes.subarray(at)]);
    case 1:
      return Buffer.concat([before, bytes.subarray(at + length)]);
    case 2:
      return Buffer.concat([before, bytes.subarray(at, at + length), bytes.subarray(at)]);
    case 3:
      return random.uniform() < 0.3 ? Buffer.from(before) : bytes;
    case 4: {
      const copy = Buffer.from(bytes);
      if (at < copy.length) copy[at] = random.whole(0, 255);
      return copy;
    }
    default: {
      const copy = Buffer.from(bytes);
      if (at < copy.length) copy[at]! ^= 1 << random.whole(0, 7);
      return copy;
    }
  }
}

export function damage(random: Random, bytes: Buffer, nMost: number): Buffer {
  let damaged = bytes;
  for (let n = random.whole(0, nMost); n > 0; n--) damaged = damageOnce(random, damaged);
  return damaged;
}

/** In pieces, as lines and sockets give bytes. */
export function* pieces(random: Random, bytes: Buffer): Generator<Buffer> {
  const longest = pick(random, [1, 7, 64, 4096]);
  for (let at = 0; at < bytes.length;) {
    const length = random.whole(1, longest);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

/** What people, programs and attackers put where a value belongs. */
export const HOSTILE_VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -0, -1, 0.5, 1e308, -1e308, 5e-324, 2 ** 31, 2 ** 53, Number.MAX_SAFE_INTEGER],
  ...[
    '',
    ' ',
    'x',
    '\u0000',
    '\ud800',
    '\u202e',
    '../../etc/passwd',
    '/dev/zero',
    '%00',
    '<script>',
    "' or 1=1 --",
    '${7*7}',
  ],
  ...[
    '__proto__',
    'constructor',
    'NaN',
    'Infinity',
    '1e999',
    '0x10',
    '2024-02-31T00:00:00Z',
    'x'.repeat(5000),
    '\u00e9'.repeat(300),
  ],
  ...[[], {}, [[[[[]]]]], [null], { length: 1e9 }, { toString: null, valueOf: null }, { $ref: '#' }],
  Array.from({ length: 2000 }, (_, i) => i),
];

export const HOSTILE_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'length',
  '',
  '0',
  'then',
  '\u0000',
];

/** A copy of a value like JSON's with one thing in it replaced, put in or taken out. */
export function damageValue(random: Random, value: unknown): unknown {
  const isHere = random.uniform() < 0.25;
  if (typeof value !== 'object' || value === null || isHere) return pick(random, HOSTILE_VALUES);
  if (Array.isArray(value)) {
    const copy: unknown[] = [...(value as unknown[])];
    const at = random.whole(0, Math.max(0, copy.length - 1));
    const kind = random.whole(0, 3);
    if (kind === 0) copy.splice(at, 1);
    else if (kind === 1) copy.splice(at, 0, pick(random, HOSTILE_VALUES));
    else if (copy.length > 0) copy[at] = damageValue(random, copy[at]);
    return copy;
  }
  const entries = Object.entries(value);
  const at = random.whole(0, Math.max(0, entries.length - 1));
  const kind = random.whole(0, 4);
  if (kind === 0) entries.splice(at, 1);
  else if (kind === 1) entries.splice(at, 0, [pick(random, HOSTILE_KEYS), pick(random, HOSTILE_VALUES)]);
  else if (entries[at] !== undefined) entries[at] = [entries[at][0], damageValue(random, entries[at][1])];
  // fromEntries makes "__proto__" a property like any other.
  return Object.fromEntries(entries);
}
