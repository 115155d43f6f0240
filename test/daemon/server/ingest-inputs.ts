import type { Random } from '../../../adapters/synthetic/random.js';
import type { Subprotocol } from '../../../daemon/protocol/codec.js';
import { encodePusherMessage } from '../../../daemon/protocol/ingest-codec.js';
import { MAX_PUSH_MESSAGE_BYTES, type PushHelloMessage } from '../../../daemon/protocol/ingest-messages.js';
import { SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK } from '../../../daemon/protocol/messages.js';
import { packPlain } from '../../../daemon/protocol/plain-messagepack.js';
import { damage, damageValue, HOSTILE_VALUES, pick, randomBytes } from '../../fuzz/damage.js';
import { frame, OPCODE_BINARY, OPCODE_TEXT } from './raw-websocket.js';

/** One message of a pusher, or what is none. */
export interface IngestInput {
  readonly subprotocol: Subprotocol;
  /** On a new connection, or on one that has said hello and was told ready. */
  readonly isFirst: boolean;
  /** `frame`: bytes in place of a frame of WebSocket, which need not be answered. */
  readonly kind: 'binary' | 'text' | 'frame';
  /** @param nextSample that the daemon waits for */
  readonly bytes: (nextSample: number) => Buffer;
}

/** Samples that a pusher sends in a block of `validBlock`. */
const N_SAMPLES = 16;
const HOSTILE_FLOATS = [NaN, Infinity, -Infinity, 1e38, -1e38, 1e-45, 1e8, -0];
const HOSTILE_SAMPLE_NUMBERS = [-1, 0, 0.5, 2 ** 31, 2 ** 48, 2 ** 53, 1e308];
const OTHER_BEDS = [
  '',
  ' ',
  'nobody',
  'made-up',
  'well',
  '__proto__',
  'constructor',
  '../..',
  '\u0000',
  'x'.repeat(300),
];
const LABELS = ['F7', 'T7', 'EEG Fp1-REF', 'Cz', 'ECG', '\ud800', '', '__proto__', 'x'.repeat(65)];
/** Types of MessagePack that promise more than there is, and extensions. */
const LYING_TYPES = [0xc1, 0xc4, 0xc6, 0xc7, 0xc9, 0xcb, 0xcf, 0xd4, 0xd5, 0xd8, 0xdb, 0xdc, 0xdd, 0xde, 0xdf];

/** What a program without faults says first. */
export function validHello(bed: string, stream: string): PushHelloMessage {
  return {
    ...{ type: 'hello', protocol: 1, bed, stream, sampleRate: 256, units: 'uV', source: 'a fuzzer' },
    channels: [{ label: 'F7' }, { label: 'T7', range: [-5000, 5000] }],
  };
}

/** (2, 16) samples in order, as bytes. */
export function validSamples(): Uint8Array {
  const values = Float32Array.from({ length: 2 * N_SAMPLES }, (_, i) => 20 * Math.sin(i));
  return new Uint8Array(values.buffer);
}

/** An input of a pusher of `bed`. */
export function ingestInput(random: Random, bed: string): IngestInput {
  const subprotocol = random.uniform() < 0.5 ? SUBPROTOCOL_JSON : SUBPROTOCOL_MSGPACK;
  const isFirst = random.uniform() < 0.35;
  const isBinary = (subprotocol === SUBPROTOCOL_MSGPACK) !== random.uniform() < 0.03;
  const kind = isBinary ? 'binary' : 'text';
  if (random.uniform() < 0.04) {
    const bytes = damagedFrame(random, kind, message(random, subprotocol, bed, isFirst)(0));
    return { subprotocol, isFirst, kind: 'frame', bytes: () => bytes };
  }
  return { subprotocol, isFirst, kind, bytes: message(random, subprotocol, bed, isFirst) };
}

function message(random: Random, subprotocol: Subprotocol, bed: string, isFirst: boolean): IngestInput['bytes'] {
  const constant = (bytes: Buffer) => (): Buffer => bytes;
  switch (random.whole(0, 13)) {
    case 0:
      return constant(randomBytes(random, random.whole(0, 200)));
    case 1:
      return constant(encode(subprotocol, pick(random, HOSTILE_VALUES)));
    case 2:
      return constant(nesting(random, subprotocol));
    case 3:
      return constant(lyingLength(random, subprotocol));
    default:
      return isFirst
        ? constant(spoiled(random, subprotocol, damagedHello(random, bed)))
        : later(random, subprotocol, bed);
  }
}

/** What comes behind hello: mostly blocks. */
function later(random: Random, subprotocol: Subprotocol, bed: string): IngestInput['bytes'] {
  const kind = random.uniform();
  // The stream that is over is begun anew, which takes the daemon a moment.
  if (kind < 0.01) return () => spoiled(random, subprotocol, { type: 'end' });
  if (kind < 0.1) return () => spoiled(random, subprotocol, damagedHello(random, bed));
  const isSpoiled = random.uniform() < 0.25;
  const samples = hostileSamples(random);
  const firstSample = random.uniform() < 0.2 ? pick(random, HOSTILE_SAMPLE_NUMBERS) : undefined;
  const jump = random.uniform() < 0.1 ? random.whole(-50, 5000) : 0;
  const more = random.uniform() < 0.3 ? { timeMicros: pick(random, [0, -1, 1e15, 2 ** 60, 1.5]) } : {};
  return (nextSample) => {
    const block = { type: 'block', firstSample: firstSample ?? nextSample + jump, samples, ...more };
    return isSpoiled ? spoiled(random, subprotocol, block) : encode(subprotocol, block);
  };
}

function hostileSamples(random: Random): Uint8Array {
  const kind = random.uniform();
  if (kind < 0.4) return validSamples();
  if (kind < 0.5) return randomBytes(random, random.whole(0, 300));
  if (kind < 0.502) return new Uint8Array(MAX_PUSH_MESSAGE_BYTES + random.whole(-64, 64));
  const values = Float32Array.from({ length: 2 * random.whole(0, 200) }, () => 50 * random.normal());
  if (random.uniform() < 0.3) values[random.whole(0, values.length)] = pick(random, HOSTILE_FLOATS);
  return new Uint8Array(values.buffer);
}

function damagedHello(random: Random, bed: string): unknown {
  const hello = validHello(bed, `stream-${String(random.whole(0, 3))}-${bed.replaceAll(' ', '-')}`);
  const kind = random.uniform();
  if (kind < 0.1) return { ...hello, bed: pick(random, OTHER_BEDS) };
  if (kind < 0.2) {
    const nChannels = pick(random, [0, 1, 2, 8, 64, 256, 257]);
    const channels = Array.from({ length: nChannels }, (_, i) => ({
      label: random.uniform() < 0.5 ? `C${String(i)}` : pick(random, LABELS),
    }));
    return { ...hello, channels, sampleRate: pick(random, [0, 1, 128, 1e5, 1e9, -5]) };
  }
  if (kind < 0.25) return hello;
  return damageValue(random, hello);
}

/** A message as bytes, some of them changed. */
function spoiled(random: Random, subprotocol: Subprotocol, value: unknown): Buffer {
  const isDamaged = random.uniform() < 0.5;
  const damagedValue = random.uniform() < 0.5 ? damageValue(random, value) : value;
  const bytes = encode(subprotocol, damagedValue);
  return isDamaged ? damage(random, bytes, 4) : bytes;
}

function encode(subprotocol: Subprotocol, value: unknown): Buffer {
  if (isBlock(value)) return Buffer.from(encodePusherMessage(subprotocol, value as never));
  // A value that JSON has no text for.
  return Buffer.from(subprotocol === SUBPROTOCOL_JSON ? (JSON.stringify(value) ?? '') : packPlain(value));
}

function isBlock(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'samples' in value && value.samples instanceof Uint8Array
    ? 'type' in value && value.type === 'block'
    : false;
}

function nesting(random: Random, subprotocol: Subprotocol): Buffer {
  const depth = random.whole(1, random.uniform() < 0.1 ? 200_000 : 2000);
  if (subprotocol === SUBPROTOCOL_MSGPACK) return Buffer.alloc(depth, pick(random, [0x91, 0x81, 0xdc, 0xde]));
  return Buffer.from(random.uniform() < 0.5 ? '['.repeat(depth) : `${'['.repeat(depth)}${']'.repeat(depth)}`);
}

function lyingLength(random: Random, subprotocol: Subprotocol): Buffer {
  if (subprotocol === SUBPROTOCOL_JSON) {
    return Buffer.from(`{"type":"block","firstSample":${'9'.repeat(random.whole(0, 5000))}`);
  }
  return Buffer.concat([Buffer.from([pick(random, LYING_TYPES)]), randomBytes(random, random.whole(0, 12))]);
}

/** Reserved bits and codes, no mask, lengths that lie, pieces that never end. */
function damagedFrame(random: Random, kind: 'binary' | 'text', payload: Buffer): Buffer {
  const whole = frame(kind === 'binary' ? OPCODE_BINARY : OPCODE_TEXT, payload.subarray(0, 2000));
  const kindOfDamage = random.whole(0, 4);
  const head = whole[0] ?? 0;
  if (kindOfDamage === 0) whole[0] = head | (0x10 << random.whole(0, 2));
  else if (kindOfDamage === 1) whole[0] = (head & 0xf0) | random.whole(3, 15);
  else if (kindOfDamage === 2) whole[1] = (whole[1] ?? 0) & 0x7f;
  else if (kindOfDamage === 3) whole[0] = head & 0x7f;
  else return damage(random, whole, 6);
  return whole;
}
