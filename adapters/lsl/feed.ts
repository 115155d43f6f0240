import { valueBytes, type LslFormat } from './formats.js';

/** The data protocol spoken here. Version 1.00, of before 2013, packs its samples in another way and is refused. */
export const PROTOCOL_VERSION = 110;

/** Byte orders as they are written in headers. */
const LITTLE = 1234;
const BIG = 4321;

export interface FeedRequest {
  readonly uid: string;
  readonly protocolVersion: number;
  readonly littleEndian: boolean;
  /** Bytes of one value as the client has it; undefined where it does not say. */
  readonly valueBytes?: number;
  /** Samples that the outlet should keep for this client while it does not read. */
  readonly bufferSamples: number;
}

export interface FeedRequestOptions {
  readonly uid: string;
  readonly format: LslFormat;
  readonly hostName: string;
  readonly sourceId: string;
  readonly sessionId: string;
  readonly bufferSamples: number;
  readonly littleEndian: boolean;
}

/** What a client sends when it has connected. */
export function formatFeedRequest(options: FeedRequestOptions): string {
  return [
    `LSL:streamfeed/${PROTOCOL_VERSION} ${options.uid}`,
    `Native-Byte-Order: ${options.littleEndian ? LITTLE : BIG}`,
    // Zero: whoever has another byte order converts, and that is the outlet.
    'Endian-Performance: 0',
    'Has-IEEE754-Floats: 1',
    'Supports-Subnormals: 1',
    `Value-Size: ${valueBytes(options.format)}`,
    `Data-Protocol-Version: ${PROTOCOL_VERSION}`,
    `Max-Buffer-Length: ${Math.max(1, Math.ceil(options.bufferSamples))}`,
    'Max-Chunk-Length: 0',
    `Hostname: ${options.hostName}`,
    `Source-Id: ${options.sourceId}`,
    `Session-Id: ${options.sessionId}`,
    '',
    '',
  ].join('\r\n');
}

/** The lines of a header, keys in lower case, comments (after a semicolon) dropped. */
function headerFields(lines: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const value = line.slice(colon + 1).split(';')[0]!;
    fields.set(line.slice(0, colon).trim().toLowerCase(), value.trim());
  }
  return fields;
}

/** Reads the request of a client, without the empty line at its end. @throws SyntaxError where it is none */
export function parseFeedRequest(header: string): FeedRequest {
  const [first = '', ...lines] = header.split('\r\n');
  const match = /^LSL:streamfeed\/(\d+)(?:\s+(\S+))?\s*$/.exec(first);
  if (match === null) throw new SyntaxError(`a feed is asked for with LSL:streamfeed/110, not ${first.slice(0, 60)}`);
  const fields = headerFields(lines);
  const asNumber = (name: string, otherwise: number): number => {
    const text = fields.get(name);
    const value = Number(text);
    return text === undefined || text === '' || Number.isNaN(value) ? otherwise : value;
  };
  const requested = Number(match[1]);
  const size = asNumber('value-size', -1);
  return {
    uid: match[2] ?? '',
    protocolVersion: Math.min(requested, asNumber('data-protocol-version', requested)),
    littleEndian: asNumber('native-byte-order', LITTLE) !== BIG,
    ...(size < 0 ? {} : { valueBytes: size }),
    bufferSamples: asNumber('max-buffer-length', 0),
  };
}

export interface FeedResponse {
  readonly status: number;
  readonly statusText: string;
  readonly uid: string;
  readonly protocolVersion: number;
  /** Undefined where the byte order is one that no machine has any more. */
  readonly littleEndian: boolean | undefined;
}

export function formatFeedResponse(uid: string, littleEndian: boolean): string {
  return [
    `LSL/${PROTOCOL_VERSION} 200 OK`,
    `UID: ${uid}`,
    `Byte-Order: ${littleEndian ? LITTLE : BIG}`,
    'Suppress-Subnormals: 0',
    `Data-Protocol-Version: ${PROTOCOL_VERSION}`,
    '',
    '',
  ].join('\r\n');
}

export function formatFeedRefusal(status: number, statusText: string): string {
  return `LSL/${PROTOCOL_VERSION} ${status} ${statusText}\r\n\r\n`;
}

/**
 * Reads the answer of an outlet, without the empty line at its end.
 * @param ownLittleEndian what a byte order of 0 means: no conversion (liblsl 1.13 writes it for values of one byte)
 * @throws SyntaxError where it is none
 */
export function parseFeedResponse(header: string, ownLittleEndian: boolean): FeedResponse {
  const [first = '', ...lines] = header.split('\r\n');
  const match = /^LSL\/(\d+)\s+(\d+)\s+(.*)$/.exec(first);
  if (match === null)
    throw new SyntaxError(`an outlet answers LSL/110 200 OK, not ${JSON.stringify(first.slice(0, 60))}`);
  const fields = headerFields(lines);
  const order = Number(fields.get('byte-order') ?? 0);
  return {
    status: Number(match[2]),
    statusText: match[3]!.trim(),
    uid: fields.get('uid') ?? '',
    protocolVersion: Number(fields.get('data-protocol-version') ?? 100),
    littleEndian: order === 0 ? ownLittleEndian : order === LITTLE ? true : order === BIG ? false : undefined,
  };
}
