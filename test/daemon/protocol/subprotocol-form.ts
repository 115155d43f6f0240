import { unpackPlain } from '../../../daemon/protocol/plain-messagepack.js';

/**
 * A frame of either subprotocol as JSON has it, by the rules of the README: bytes are base64 text, NaN is null.
 * `bytesAt`: fields of the message that were bytes.
 */
export function subprotocolForm(frame: string | Uint8Array): { value: unknown; bytesAt: readonly string[] } {
  if (typeof frame === 'string') return { value: JSON.parse(frame), bytesAt: [] };
  const value = unpackPlain(frame);
  const bytesAt = Object.entries(value as object).flatMap(([key, inner]) => (inner instanceof Uint8Array ? key : []));
  return { value: jsonForm(value), bytesAt };
}

function jsonForm(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'number') return Number.isNaN(value) ? null : value;
  if (Array.isArray(value)) return value.map(jsonForm);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, jsonForm(inner)]));
}
