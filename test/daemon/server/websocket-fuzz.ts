import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FuzzFailure } from '../../fuzz/fuzz-failure.js';
import { bytesHeld } from '../../bytes-held.js';
import { LoopDelay } from '../../../daemon/loop-delay.js';
import { decodeServerMessage, encodeClientMessage } from '../../../daemon/protocol/codec.js';
import type { Subprotocol } from '../../../daemon/protocol/codec.js';
import { CLOSE, SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK } from '../../../daemon/protocol/messages.js';
import type { SubscribeMessage } from '../../../daemon/protocol/messages.js';
import { packPlain } from '../../../daemon/protocol/plain-messagepack.js';
import { Hub } from '../../../daemon/server/hub.js';
import { createServer } from '../../../daemon/server/server.js';
import type { Server } from '../../../daemon/server/server.js';
import { Timeline } from '../../../daemon/timeline/timeline.js';
import { errorText } from '../../../pipelines/core/errors.js';
import { gapDraft } from '../timeline/drafts.js';
import { OPCODE_BINARY, OPCODE_CLOSE, OPCODE_TEXT, RawWebSocket } from './raw-websocket.js';
import type { RawFrame } from './raw-websocket.js';

export interface FuzzResult {
  /** Messages that were taken and answered with `subscribed`. */
  readonly nSubscribed: number;
  /** Messages that closed the connection, by close code. */
  readonly nClosed: ReadonlyMap<number, number>;
  /** Messages refused without the error message that goes with the close code. */
  readonly nWithoutError: number;
  /** Growth of what is held after a garbage collection, over the second half; server and clients together. */
  readonly grownBytes: number;
}

const N_WORKERS = 16;
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Sends `n` mutated messages over real connections to a real server, waits for the answer to each, and checks that the
 * server is well afterwards.
 * @param onInput called as each message is sent, with its number
 * @throws FuzzFailure of the first message that is not answered or is answered with an undocumented code
 */
export async function fuzzWebSocket(
  n: number,
  seed: number,
  onInput: (number: number) => void = () => undefined,
): Promise<FuzzResult> {
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-fuzz-'));
  const timeline = await Timeline.open(folder);
  for (let i = 0; i < 5; i++) await timeline.append(gapDraft(i));
  const loopDelay = new LoopDelay();
  const server = createServer({
    host: '127.0.0.1',
    port: 0,
    staticDir: '',
    version: 'fuzz',
    demonstration: () => false,
    timeline,
    hub: new Hub(),
    loopDelay,
  });
  try {
    await server.start();
    return await new Fuzzer(server, seed, onInput).run(n);
  } finally {
    await server.stop();
    await timeline.close();
    loopDelay.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

class Fuzzer {
  readonly #server: Server;
  readonly #random: Random;
  readonly #onInput: (number: number) => void;
  #nLeft = 0;
  #nSubscribed = 0;
  #nWithoutError = 0;
  #halfwayBytes = 0;
  readonly #nClosed = new Map<number, number>();

  constructor(server: Server, seed: number, onInput: (number: number) => void) {
    this.#server = server;
    this.#onInput = onInput;
    this.#random = new Random(seed);
  }

  async run(n: number): Promise<FuzzResult> {
    this.#nLeft = n;
    await Promise.all(Array.from({ length: N_WORKERS }, () => this.#work(n)));
    const grownBytes = (await bytesHeld()) - this.#halfwayBytes;
    await this.#checkServer();
    const { nSubscribed, nWithoutError } = { nSubscribed: this.#nSubscribed, nWithoutError: this.#nWithoutError };
    return { nSubscribed, nClosed: this.#nClosed, nWithoutError, grownBytes };
  }

  async #work(n: number): Promise<void> {
    let connection: Connection | undefined;
    while (this.#nLeft > 0) {
      if (--this.#nLeft === n >> 1) this.#halfwayBytes = await bytesHeld();
      const number = n - this.#nLeft - 1;
      this.#onInput(number);
      const message = fuzzMessage(this.#random);
      if (connection?.subprotocol !== message.subprotocol) {
        connection?.hangUp();
        connection = new Connection(this.#server, message.subprotocol);
      }
      const outcome = await answered(connection, message, number);
      if (outcome === 'subscribed') {
        this.#nSubscribed++;
        continue;
      }
      connection = undefined;
      this.#nClosed.set(outcome.code, (this.#nClosed.get(outcome.code) ?? 0) + 1);
      const isCoded = outcome.code === CLOSE.badMessage || outcome.code === CLOSE.cursorTooOld;
      if (isCoded && !outcome.hasError) this.#nWithoutError++;
      if (!isCoded && outcome.code !== 1007 && outcome.code !== 1009) {
        const text = `Close code ${String(outcome.code)} after a ${message.isBinary ? 'binary' : 'text'} message`;
        throw new FuzzFailure(number, message.data, text);
      }
    }
    connection?.hangUp();
  }

  /** A well-behaved client is served as ever. */
  async #checkServer(): Promise<void> {
    const connection = new Connection(this.#server, SUBPROTOCOL_MSGPACK);
    const data = Buffer.from(packPlain({ type: 'subscribe', topics: ['events'], since: 0 }));
    const outcome = await connection.ask({ subprotocol: SUBPROTOCOL_MSGPACK, isBinary: true, data });
    connection.hangUp();
    const health = await fetch(`${this.#server.url}v1/health`);
    if (outcome !== 'subscribed' || !health.ok) throw new Error('The server does not serve any more');
  }
}

async function answered(connection: Connection, message: FuzzMessage, number: number): Promise<Outcome> {
  try {
    return await connection.ask(message);
  } catch (error) {
    throw new FuzzFailure(number, message.data, errorText(error), { cause: error });
  }
}

type Outcome = 'subscribed' | { readonly code: number; readonly hasError: boolean };

/** Close code of a connection that ended without a close frame (RFC 6455). */
const ABNORMAL = 1006;

class Connection {
  readonly subprotocol: Subprotocol;
  readonly #socket: RawWebSocket;
  #hasError = false;
  #settle: (outcome: Outcome) => void = () => undefined;

  constructor(server: Server, subprotocol: Subprotocol) {
    this.subprotocol = subprotocol;
    this.#socket = new RawWebSocket(
      server.port,
      subprotocol,
      (frame) => {
        this.#receive(frame);
      },
      () => {
        this.#settle({ code: ABNORMAL, hasError: this.#hasError });
      },
    );
  }

  async ask({ data, isBinary }: FuzzMessage): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`No answer to a ${isBinary ? 'binary' : 'text'} message`));
      }, ANSWER_TIMEOUT_MS);
      this.#settle = (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      };
      this.#socket.send(data, isBinary);
    });
  }

  hangUp(): void {
    this.#socket.destroy();
  }

  #receive({ opcode, payload }: RawFrame): void {
    if (opcode === OPCODE_CLOSE) {
      this.#socket.answerClose(payload);
      this.#settle({ code: payload.readUInt16BE(0), hasError: this.#hasError });
    } else if (opcode === OPCODE_TEXT || opcode === OPCODE_BINARY) {
      const message = decodeServerMessage(this.subprotocol, opcode === OPCODE_TEXT ? payload.toString() : payload);
      if (message.type === 'error') this.#hasError = true;
      if (message.type === 'subscribed') this.#settle('subscribed');
    }
  }
}

export interface FuzzMessage {
  readonly subprotocol: Subprotocol;
  readonly isBinary: boolean;
  readonly data: Buffer;
}

const VALID: readonly SubscribeMessage[] = [
  { type: 'subscribe', topics: ['events'] },
  { type: 'subscribe', topics: ['events', 'trends', 'spectrogram', 'waveform'], beds: ['bed-1', 'Bett 2 \u00e4'] },
  { type: 'subscribe', topics: ['waveform'], beds: [], since: 3 },
  { type: 'subscribe', topics: [], since: 5_000_000_000 },
];

const JUNK: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e308,
  -1e308,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  '',
  'events',
  '\u0000\ud800',
  'x'.repeat(5000),
  [],
  {},
  [[[[]]]],
  Array.from({ length: 3000 }, (_, i) => i),
  { length: 1e9 },
  { toString: null, valueOf: null },
];

const KEYS = ['type', 'topics', 'beds', 'since', '__proto__', 'constructor', 'prototype', 'toString', 'length', ''];

/** One message: a valid one that was damaged, or one that never was valid. */
function fuzzMessage(random: Random): FuzzMessage {
  const subprotocol = random.below(2) === 0 ? SUBPROTOCOL_JSON : SUBPROTOCOL_MSGPACK;
  const isBinary = (subprotocol === SUBPROTOCOL_MSGPACK) !== (random.below(40) === 0);
  return { subprotocol, isBinary, data: fuzzData(random, subprotocol) };
}

function fuzzData(random: Random, subprotocol: Subprotocol): Buffer {
  switch (random.below(8)) {
    case 0:
      return random.bytes(random.below(200));
    case 1:
      return encode(subprotocol, damagedObject(random));
    case 2:
      return encode(subprotocol, random.pick(JUNK));
    case 3:
      return nesting(random, subprotocol);
    case 4:
      return lyingLength(random, subprotocol);
    default:
      return damagedBytes(random, Buffer.from(encodeClientMessage(subprotocol, random.pick(VALID))));
  }
}

function encode(subprotocol: Subprotocol, value: unknown): Buffer {
  return Buffer.from(subprotocol === SUBPROTOCOL_JSON ? JSON.stringify(value) : packPlain(value));
}

function damagedObject(random: Random): unknown {
  const entries = Object.entries(random.pick(VALID)) as [string, unknown][];
  const nChanges = 1 + random.below(3);
  for (let i = 0; i < nChanges; i++) {
    entries.splice(random.below(entries.length + 1), random.below(2), [random.pick(KEYS), random.pick(JUNK)]);
  }
  // fromEntries makes "__proto__" a property like any other.
  return Object.fromEntries(entries);
}

function nesting(random: Random, subprotocol: Subprotocol): Buffer {
  const depth = 1 + random.below(random.below(10) === 0 ? 20_000 : 2000);
  if (subprotocol === SUBPROTOCOL_MSGPACK) return Buffer.alloc(depth, random.pick([0x91, 0x81, 0xdc, 0xde]));
  return Buffer.from(random.below(2) === 0 ? '['.repeat(depth) : `${'['.repeat(depth)}${']'.repeat(depth)}`);
}

/** A type byte that promises more than there is, or an extension. */
function lyingLength(random: Random, subprotocol: Subprotocol): Buffer {
  if (subprotocol === SUBPROTOCOL_JSON)
    return Buffer.from(`{"type":"subscribe","since":${'9'.repeat(random.below(5000))}`);
  const token = random.pick([0xc1, 0xc4, 0xc6, 0xc7, 0xc9, 0xd4, 0xd5, 0xd8, 0xdb, 0xdd, 0xdf, 0xdc, 0xde, 0xcf, 0xcb]);
  return Buffer.concat([Buffer.from([token]), random.bytes(random.below(12))]);
}

/** Up to four changes; a few messages stay whole, so that connections are used again. */
function damagedBytes(random: Random, valid: Buffer): Buffer {
  const bytes = [...valid];
  const nChanges = random.below(5);
  for (let i = 0; i < nChanges; i++) {
    const at = random.below(bytes.length + 1);
    switch (random.below(5)) {
      case 0:
        bytes[Math.min(at, bytes.length)] = random.below(256);
        break;
      case 1:
        bytes.splice(at, 0, random.below(256));
        break;
      case 2:
        bytes.splice(at, 1 + random.below(4));
        break;
      case 3:
        bytes.splice(at, 0, ...bytes.slice(at, at + random.below(20)));
        break;
      case 4:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
        break;
    }
  }
  return Buffer.from(bytes);
}

/** mulberry32 (public domain, Tommy Ettinger). */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return Math.floor((((z ^ (z >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)] as Value;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}
