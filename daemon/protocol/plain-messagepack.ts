import { Packr } from 'msgpackr';

/**
 * Plain MessagePack: maps with text keys, no records and no extension types, so that any decoder reads it. Whole
 * numbers are integers on the wire (Unix microseconds too, which msgpackr alone would write as float64) and come back
 * as JavaScript numbers.
 */
const packr = new Packr({ useRecords: false, variableMapSize: true, moreTypes: false, int64AsType: 'number' });

const UINT32_MAX = 0xffffffff;
const INT32_MIN = -0x80000000;

/** Whole numbers wider than 32 bits become BigInt (int64 on the wire); undefined properties are left out. */
function withWideIntegers(value: unknown): unknown {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && (value > UINT32_MAX || value < INT32_MIN) ? BigInt(value) : value;
  }
  if (Array.isArray(value)) return value.map(withWideIntegers);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    const value = withWideIntegers(inner);
    // Assigned, it would become the prototype: that of an array makes packing go on without an end.
    if (key === '__proto__') Object.defineProperty(copy, key, { value, enumerable: true });
    else copy[key] = value;
  }
  return copy;
}

/** `value` holds null, booleans, numbers, text, Uint8Array, arrays and plain objects of these. */
export function packPlain(value: unknown): Uint8Array {
  return packr.pack(withWideIntegers(value));
}

/** Binary values come back as views of `bytes`. Throws on malformed bytes. */
export function unpackPlain(bytes: Uint8Array): unknown {
  return packr.unpack(bytes) as unknown;
}
