import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import {
  decodeBedHistory,
  decodeClientMessage,
  decodeServerMessage,
  decodeSpectrogramHistory,
  encodeBedHistory,
  encodeClientMessage,
  encodeServerMessage,
  encodeSpectrogramHistory,
  floatsOf,
  decodeWaveformHistory,
  encodeWaveformHistory,
  microvoltsOf,
} from '../../../daemon/protocol/codec.js';
import type { Frame } from '../../../daemon/protocol/codec.js';
import { fromBase64, toBase64 } from '../../../daemon/protocol/base64.js';
import { SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK } from '../../../daemon/protocol/messages.js';
import { packPlain, unpackPlain } from '../../../daemon/protocol/plain-messagepack.js';
import {
  BED_HISTORY,
  CLIENT_MESSAGES,
  SERVER_MESSAGES,
  SPECTROGRAM_HISTORY,
  WAVEFORM_HISTORY,
} from './example-messages.js';
import { subprotocolForm } from './subprotocol-form.js';

/*
 * Golden bytes: what the wire has carried once, it carries for good. `CHIRPD_WRITE_GOLDEN=true` writes them anew, for a
 * change of the protocol that is wanted.
 */
const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'protocol');
const isWriting = process.env['CHIRPD_WRITE_GOLDEN'] === 'true';

function hexLines(bytes: Uint8Array): string {
  return `${(
    Buffer.from(bytes)
      .toString('hex')
      .match(/.{1,120}/g) ?? []
  ).join('\n')}\n`;
}

function golden(file: string, text: string): string {
  const path = join(FIXTURES, file);
  if (isWriting) writeFileSync(path, text);
  return readFileSync(path, 'utf8');
}

function checkGolden(t: Test, name: string, msgpack: Frame, json: Frame): void {
  const hex = hexLines(msgpack as Uint8Array);
  t.equal(hex, golden(`${name}.msgpack.hex`, hex), `${name}: MessagePack`);
  const text = `${json as string}\n`;
  t.equal(text, golden(`${name}.json`, text), `${name}: JSON`);
}

/** Buffers as plain byte arrays, so that equal bytes are equal. */
function plainBytes(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plainBytes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainBytes(inner)]));
}

t.test('server messages: golden bytes, and back', (t) => {
  for (const [name, message] of Object.entries(SERVER_MESSAGES)) {
    const msgpack = encodeServerMessage(SUBPROTOCOL_MSGPACK, message);
    const json = encodeServerMessage(SUBPROTOCOL_JSON, message);
    checkGolden(t, name, msgpack, json);
    t.strictSame(plainBytes(decodeServerMessage(SUBPROTOCOL_MSGPACK, msgpack)), message);
    t.strictSame(plainBytes(decodeServerMessage(SUBPROTOCOL_JSON, json)), message);
  }
  t.end();
});

t.test('client messages: golden bytes, and back', (t) => {
  for (const [name, message] of Object.entries(CLIENT_MESSAGES)) {
    const msgpack = encodeClientMessage(SUBPROTOCOL_MSGPACK, message);
    const json = encodeClientMessage(SUBPROTOCOL_JSON, message);
    checkGolden(t, name, msgpack, json);
    t.strictSame(decodeClientMessage(SUBPROTOCOL_MSGPACK, msgpack), message);
    t.strictSame(decodeClientMessage(SUBPROTOCOL_JSON, json), message);
  }
  t.end();
});

t.test('documents: golden bytes, and back', (t) => {
  const bytes = encodeSpectrogramHistory(SPECTROGRAM_HISTORY);
  const json = JSON.stringify({ ...SPECTROGRAM_HISTORY, decibels: toBase64(SPECTROGRAM_HISTORY.decibels) });
  checkGolden(t, 'spectrogramHistory', bytes, json);
  t.strictSame(plainBytes(decodeSpectrogramHistory(bytes)), SPECTROGRAM_HISTORY);
  t.throws(() => decodeSpectrogramHistory(packPlain({ type: 'hello' })), { code: 'PROTOCOL_BAD_MESSAGE' });
  t.throws(() => decodeSpectrogramHistory(bytes.subarray(0, 40)), { code: 'PROTOCOL_BAD_MESSAGE' });
  const hours = encodeBedHistory(BED_HISTORY);
  checkGolden(t, 'bedHistory', hours, JSON.stringify(subprotocolForm(hours).value));
  t.strictSame(plainBytes(decodeBedHistory(hours)), BED_HISTORY);
  t.same(floatsOf(BED_HISTORY.regions[0]!.trends.spectralEdgeHz), [11.125, NaN]);
  t.throws(() => decodeBedHistory(bytes), { code: 'PROTOCOL_BAD_MESSAGE' });

  const waveform = encodeWaveformHistory(WAVEFORM_HISTORY);
  const pieces = WAVEFORM_HISTORY.pieces.map((piece) => ({ ...piece, microvolts: toBase64(piece.microvolts) }));
  checkGolden(t, 'waveformHistory', waveform, JSON.stringify({ ...WAVEFORM_HISTORY, pieces }));
  const decoded = decodeWaveformHistory(waveform);
  t.strictSame({ ...decoded, pieces: decoded.pieces.map(plainBytes) }, WAVEFORM_HISTORY);
  t.throws(() => decodeWaveformHistory(bytes), { code: 'PROTOCOL_BAD_MESSAGE' });
  t.end();
});

t.test('a key that is called as the prototype is a key', (t) => {
  const hostile = JSON.parse('{"length":9007199254740992,"__proto__":[1,2]}') as unknown;
  // Taken for an array of that length it is packed without an end.
  t.equal(Buffer.from(packPlain(hostile)).subarray(0, 8).toString('latin1'), '\x82\xa6length');
  t.end();
});

t.test('whole numbers are integers on the wire, whatever their size', (t) => {
  const first = (value: unknown): number => packPlain(value)[0] ?? 0;
  t.equal(first(4_294_967_295), 0xce);
  for (const value of [4_294_967_296, 1_700_000_000_000_000, Number.MAX_SAFE_INTEGER]) {
    t.equal(first(value), 0xd3, String(value));
    t.equal(unpackPlain(packPlain(value)), value);
    t.equal(unpackPlain(packPlain(-value)), -value);
  }
  t.equal(first(2 ** 53), 0xcb, 'what a double does not hold exactly stays one');
  t.equal(first(0.5), 0xcb);
  t.same(unpackPlain(Buffer.from('cf0000000100000000', 'hex')), 2 ** 32, 'uint64 from other encoders');
  t.same(
    Buffer.from(packPlain({ a: undefined, b: 1 })).toString('hex'),
    '81a16201',
    'no undefined, hence no extension',
  );
  t.end();
});

t.test('waveform bytes as numbers, however they lie in memory', (t) => {
  const values = new Float32Array([1, -2.5, 3]);
  const unaligned = new Uint8Array(13);
  unaligned.set(new Uint8Array(values.buffer), 1);
  t.same(microvoltsOf(unaligned.subarray(1)), values);
  t.same(microvoltsOf(Buffer.from(unaligned.buffer, 1, 12)), values);
  t.end();
});

t.test('base64 as everyone writes it', (t) => {
  for (const length of [0, 1, 2, 3, 100, 0x2000, 0x2001, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 31) & 255);
    t.equal(toBase64(bytes), Buffer.from(bytes).toString('base64'));
    t.same(fromBase64(toBase64(bytes)), bytes);
  }
  t.end();
});

t.test('frames that are none', (t) => {
  const code = { code: 'PROTOCOL_BAD_MESSAGE' };
  t.throws(() => decodeServerMessage(SUBPROTOCOL_JSON, '{'), code);
  t.throws(() => decodeServerMessage(SUBPROTOCOL_JSON, '[]'), code);
  t.throws(() => decodeServerMessage(SUBPROTOCOL_JSON, '{"type":"waveform","microvolts":"*"}'), code);
  t.throws(() => decodeServerMessage(SUBPROTOCOL_JSON, new Uint8Array()), code);
  t.throws(() => decodeServerMessage(SUBPROTOCOL_MSGPACK, '{}'), code);
  t.throws(() => decodeServerMessage(SUBPROTOCOL_MSGPACK, new Uint8Array([0x92, 1])), code);
  t.end();
});

const PYTHON = process.env['CHIRPD_PYTHON'] ?? '/usr/bin/python3';
const hasMsgpack = spawnSync(PYTHON, ['-c', 'import msgpack']).status === 0;
const skip = hasMsgpack || process.env['CI'] === 'true' ? false : `${PYTHON} has no msgpack (Debian: python3-msgpack)`;

t.test('a stock Python decoder reads every frame', { skip }, (t) => {
  const script = join(import.meta.dirname, 'decode_frames.py');
  const { status, stdout, stderr } = spawnSync(PYTHON, [script, FIXTURES], { encoding: 'utf8' });
  t.equal(status, 0, stderr);
  const read = JSON.parse(stdout) as Record<string, unknown>;
  const all = {
    ...SERVER_MESSAGES,
    ...CLIENT_MESSAGES,
    spectrogramHistory: SPECTROGRAM_HISTORY,
    bedHistory: BED_HISTORY,
    waveformHistory: WAVEFORM_HISTORY,
  };
  t.same(Object.keys(read).sort(), Object.keys(all).sort());
  for (const name of Object.keys(all)) {
    const expected = JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8')) as unknown;
    t.strictSame(read[name], expected, name);
  }
  t.end();
});
