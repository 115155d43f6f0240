import { encodeFrame, encodeMessage, FRAME_TYPES } from '../../adapters/bis-vista/frame.js';
import { BIS_SAMPLE_RATE, encodeProcessed, encodeRawEeg, MESSAGE_IDS } from '../../adapters/bis-vista/messages.js';
import { bisVistaOptionsSchema } from '../../adapters/bis-vista/options.js';
import { BisVistaTalk } from '../../adapters/bis-vista/talk.js';
import { cytonOptionsSchema } from '../../adapters/cyton/options.js';
import { encodeCytonPacket, STOP_BYTES } from '../../adapters/cyton/packet.js';
import { CytonSamples } from '../../adapters/cyton/samples.js';
import type { ReadyBoard } from '../../adapters/cyton/start.js';
import { CytonStream } from '../../adapters/cyton/stream.js';
import { encodeFreeEeg32, freeEeg32, FREEEEG32_PACKET_BYTES } from '../../adapters/freeeeg32/packet.js';
import { encodeP2, modularEeg, MODULAREEG_MICROVOLTS_PER_COUNT } from '../../adapters/modulareeg/packet.js';
import { CountedDeviceTalk } from '../../adapters/serial/counted-device.js';
import { Random } from '../../adapters/synthetic/random.js';
import { errorText } from '../../pipelines/core/errors.js';
import type { AdapterItem } from '../../pipelines/core/signal.js';
import { damage, damageOnce, pick, pieces, randomBytes } from '../fuzz/damage.js';
import { type FuzzBatch, type Fuzzer, type FuzzOutcomes, OutcomeCounter } from '../fuzz/fuzz-batch.js';
import { FuzzFailure } from '../fuzz/fuzz-failure.js';
import { contractBreach } from './conformance.js';

/** A protocol: what takes its bytes, and frames of it as the device sends them. */
interface SerialProtocol {
  readonly listen: (emit: (item: AdapterItem) => void) => {
    receive: (bytes: Uint8Array, hostMicros: number) => unknown;
    tick?: (hostMicros: number) => void;
    end?: () => void;
  };
  /** Frame `n`. */
  readonly frame: (random: Random, n: number) => Uint8Array;
  readonly framesPerSecond: number;
}

const START_MICROS = 1_700_000_000_000_000;
/** Whole frames that come after the damage: the protocol must have found its place again by then. */
const N_CLEAN = 40;
const MAX_MS = 2000;
/** More gap than this in one input is counting what never was: all of its frames last seconds, its pauses a minute. */
const MOST_SECONDS = 600;

function cytonProtocol(hasDaisy: boolean): SerialProtocol {
  const nChannels = hasDaisy ? 16 : 8;
  const board: ReadyBoard = {
    firmware: 'v3.1.2',
    hasDaisy,
    hasTimeStamps: true,
    channels: Array.from({ length: nChannels }, (_, place) => ({ label: `Ch${String(place + 1)}`, place, gain: 24 })),
    off: [],
  };
  const options = cytonOptionsSchema.parse({ port: '/dev/null', impedance: { when: 'always' } });
  return {
    framesPerSecond: 250,
    listen: (emit) => {
      const stream = new CytonStream(options, board, emit, undefined);
      const samples = new CytonSamples(board, (sample) => {
        stream.push(sample);
      });
      return {
        receive: (bytes, hostMicros) => {
          samples.push(bytes, hostMicros);
        },
        tick: (hostMicros) => {
          samples.release(hostMicros);
        },
        end: () => {
          stream.flush();
        },
      };
    },
    frame: (random, n) => {
      const time = n * 4;
      const aux = [0, 0, time >>> 24, time >>> 16, time >>> 8, time].map((byte) => byte & 0xff);
      const counts = Array.from({ length: 8 }, () => random.whole(-(2 ** 23), 2 ** 23 - 1));
      return encodeCytonPacket(n & 0xff, counts, aux, pick(random, Object.values(STOP_BYTES)));
    },
  };
}

const PROTOCOLS: Readonly<Record<string, SerialProtocol>> = {
  cyton: cytonProtocol(false),
  'cyton with Daisy': cytonProtocol(true),
  freeeeg32: {
    framesPerSecond: 512,
    listen: (emit) => new CountedDeviceTalk(freeEeg32(FREEEEG32_PACKET_BYTES), { port: '/dev/null' }, emit),
    frame: (random, n) =>
      encodeFreeEeg32(
        n & 0xff,
        Array.from({ length: 32 }, () => random.between(-4e5, 4e5)),
        FREEEEG32_PACKET_BYTES,
      ),
  },
  modulareeg: {
    framesPerSecond: 256,
    listen: (emit) => new CountedDeviceTalk(modularEeg(MODULAREEG_MICROVOLTS_PER_COUNT), { port: '/dev/null' }, emit),
    frame: (random, n) =>
      encodeP2(
        n & 0xff,
        Array.from({ length: 6 }, () => random.between(-300, 300)),
      ),
  },
  'bis-vista': {
    framesPerSecond: 8,
    listen: (emit) => new BisVistaTalk(bisVistaOptionsSchema.parse({ port: '/dev/null' }), emit),
    frame: (random, n) => {
      if (n % 9 === 0) return encodeMessage(n & 0xffff, 0, encodeProcessed(1, 20, -3200));
      if (random.uniform() < 0.05)
        return encodeFrame(
          n & 0xffff,
          pick(random, [FRAME_TYPES.ack, FRAME_TYPES.nak, 7, 0xffff]),
          randomBytes(random, random.whole(0, 40)),
        );
      const counts = Int16Array.from({ length: 32 }, () => random.whole(-32_768, 32_767));
      return encodeMessage(n & 0xffff, 0, encodeRawEeg({ sampleRate: BIS_SAMPLE_RATE, counts }));
    },
  },
};
export const SERIAL_PROTOCOLS = Object.keys(PROTOCOLS);

/** Frames that are right and say what no device says. */
function lyingFrame(random: Random): Uint8Array {
  const data = randomBytes(random, random.whole(0, 60));
  const id = pick(random, [...Object.values(MESSAGE_IDS), 0, 0xffffffff]);
  return encodeMessage(random.whole(0, 0xffff), random.whole(0, 9), { id, data });
}

/** Bytes as they come from a line: frames, damaged, out of order, cut, or none at all. */
export function serialBytes(random: Random, name: string, firstFrame: number, nFrames: number): Buffer {
  if (random.uniform() < 0.1) return randomBytes(random, random.whole(0, 2000));
  const frames: Buffer[] = [];
  const { frame } = PROTOCOLS[name]!;
  for (let i = 0, n = firstFrame; i < nFrames; i++, n++) {
    const chance = random.uniform();
    if (chance < 0.03) n += random.whole(-300, 600);
    else if (chance < 0.05 && name === 'bis-vista') frames.push(Buffer.from(lyingFrame(random)));
    let bytes: Buffer = Buffer.from(frame(random, Math.max(0, n)));
    if (random.uniform() < 0.15) bytes = damageOnce(random, bytes);
    frames.push(bytes);
  }
  return damage(random, Buffer.concat(frames), 4);
}

/** Gives one input to a protocol. @returns how it ended @throws Error where the protocol broke its contract */
function outcomeOf(random: Random, name: string, bytes: Buffer): string {
  const { listen, frame, framesPerSecond } = PROTOCOLS[name]!;
  const items: AdapterItem[] = [];
  const talk = listen((item) => items.push(item));
  let micros = START_MICROS;
  let nPauses = 0;
  const give = (piece: Uint8Array): void => {
    micros += random.whole(0, 9000);
    if (random.uniform() < 0.01) {
      micros += random.whole(1, 30) * 1e6;
      nPauses++;
    }
    talk.receive(piece, micros);
    if (random.uniform() < 0.2) talk.tick?.(micros);
  };
  for (const piece of pieces(random, bytes)) give(piece);
  const nBefore = nSamplesOf(items);
  // A frame that seems to be longer than it is may swallow those behind it: more than the longest that there is.
  const nClean = name === 'bis-vista' ? 3 * N_CLEAN : N_CLEAN;
  for (let n = 0; n < nClean; n++) {
    micros += Math.round(1e6 / framesPerSecond);
    talk.receive(frame(random, n), micros);
    if (n % 8 === 0) talk.tick?.(micros);
  }
  talk.tick?.(micros + 5e5);
  talk.end?.();
  const breach = items.length === 0 ? undefined : contractBreach(items);
  if (breach !== undefined) throw new Error(breach);
  const info = items[0];
  if (info?.type !== 'info' || nSamplesOf(items) === nBefore) throw new Error('whole frames after it are not heard');
  const nGap = items.reduce((sum, item) => sum + (item.type === 'gap' ? item.nSamples : 0), 0);
  if (nGap > (MOST_SECONDS + nPauses * 60) * info.sampleRate) throw new Error(`gaps of ${String(nGap)} samples`);
  return nBefore > 0 ? `${name}: samples` : `${name}: nothing before the damage ended`;
}

function nSamplesOf(items: readonly AdapterItem[]): number {
  return items.reduce((sum, item) => sum + (item.type === 'block' ? (item.samples[0]?.length ?? 0) : 0), 0);
}

/** Bytes of every serial protocol through its parser and what makes a stream of them, without a port. */
export const serialFuzzer: Fuzzer = {
  run({ nInputs, seed, onInput }: FuzzBatch): Promise<FuzzOutcomes> {
    const counter = new OutcomeCounter();
    for (let i = 0; i < nInputs; i++) {
      onInput(i);
      const random = new Random(seed, `serial ${String(i)}`);
      const name = pick(random, SERIAL_PROTOCOLS);
      const bytes = serialBytes(random, name, random.whole(0, 300), random.whole(0, 40));
      const startMs = performance.now();
      try {
        const outcome = outcomeOf(random, name, bytes);
        const milliseconds = performance.now() - startMs;
        if (milliseconds > MAX_MS) throw new Error(`took ${String(Math.round(milliseconds))} ms`);
        counter.add(outcome, milliseconds);
      } catch (error) {
        throw new FuzzFailure(i, bytes, `${name}: ${errorText(error)}`, { cause: error });
      }
    }
    return Promise.resolve(counter.outcomes);
  },
};
