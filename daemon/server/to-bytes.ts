import type { RawData } from 'ws';

/** A WebSocket message as bytes, however `ws` hands it over. */
export function toBytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
