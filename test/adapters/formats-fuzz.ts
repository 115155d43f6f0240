import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { openAdapter } from '../../adapters/registry.js';
import { Random } from '../../adapters/synthetic/random.js';
import { errorText, isChirpdError } from '../../pipelines/core/errors.js';
import { FuzzFailure } from '../fuzz/fuzz-failure.js';
import { smallRecordings, type SmallRecording } from '../fixtures/small-recordings.js';
import { bytesHeld } from '../bytes-held.js';
import { fault, streamed, type FuzzReport } from './fuzz-outcome.js';

/** What people, programs and cut cables put where a number or a name belongs. */
const NASTY_TEXTS = [
  ...[
    '',
    '0',
    '-1',
    '1e308',
    '1e400',
    '99999999999999999999',
    '0.1',
    '0,5',
    'NaN',
    'Infinity',
    '-',
    '\t',
    ' ',
    '\0',
    '"',
  ],
  ...['\r', '\n', '\n\n\n', ',', ',,,,,,,,', ';', '%', '#', '=', '[Comment]\n', '<', '</info>', '<!--', '&#1114112;'],
  ...['MULTIPLEXED', 'VECTORIZED', 'ASCII', 'BINARY', 'IEEE_FLOAT_32', 'New Segment,,300,1,0,20240501133016250000'],
  ...[
    'float32',
    'string',
    'int64',
    '1557936053329',
    '12:00:60.000',
    '2024-02-31T00:00:00',
    'Fp1 (uV)',
    'µV',
    '\u00ff\u00fe',
  ],
];

function pick<T>(random: Random, from: readonly T[]): T {
  return from[random.whole(0, from.length - 1)] as T;
}

/** Where damage begins: half of it early, where headers lie. */
function place(random: Random, bytes: Buffer): number {
  const reach = random.uniform() < 0.5 ? Math.min(900, bytes.length) : bytes.length;
  return random.whole(0, Math.max(0, reach - 1));
}

const MUTATIONS: readonly ((random: Random, bytes: Buffer) => Buffer)[] = [
  (random, bytes) => {
    for (let n = random.whole(1, 30); n > 0; n--) bytes[place(random, bytes)] = random.whole(0, 255);
    return bytes;
  },
  (random, bytes) => bytes.subarray(0, random.whole(0, bytes.length)),
  (random, bytes) => Buffer.concat([bytes, Buffer.alloc(random.whole(1, 3000), random.whole(0, 255))]),
  (random, bytes) => {
    const at = place(random, bytes);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + random.whole(1, 300)))]);
  },
  (random, bytes) => {
    const at = place(random, bytes);
    const part = bytes.subarray(at, at + random.whole(1, 500));
    return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
  },
  (random, bytes) => {
    const at = place(random, bytes);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(pick(random, NASTY_TEXTS)), bytes.subarray(at)]);
  },
  (random, bytes) => {
    // In place of a word or number of the text.
    const text = bytes.toString('latin1');
    const words = [...text.slice(0, random.uniform() < 0.6 ? 1200 : undefined).matchAll(/[-\w.]+/g)];
    if (words.length === 0) return bytes;
    const word = pick(random, words);
    const replaced = text.slice(0, word.index) + pick(random, NASTY_TEXTS) + text.slice(word.index + word[0].length);
    return Buffer.from(replaced, 'latin1');
  },
];

function areasOf({ kind }: SmallRecording): readonly string[] {
  return ['RECORDING', kind === 'openbci-text' ? 'OPENBCI' : kind.toUpperCase()];
}

type FuzzFormat = (nFiles: number, seed: number, onInput?: (number: number) => void) => Promise<FuzzReport>;

/** The fuzzer of one format: opens and streams damaged recordings of it. */
function fuzzerOf(kind: SmallRecording['kind']): FuzzFormat {
  return async (nFiles, seed, onInput = () => undefined) => {
    const folder = mkdtempSync(join(tmpdir(), 'chirpd-fuzz-'));
    const bases = smallRecordings().filter((recording) => recording.kind === kind);
    const refusedByCode: Record<string, number> = {};
    let nRead = 0;
    let slowestMs = 0;
    let usedEarly = await bytesHeld();
    try {
      for (let i = 0; i < nFiles; i++) {
        onInput(i);
        let damaged: Buffer = Buffer.alloc(0);
        const random = new Random(seed, `${kind} ${i}`);
        const recording = pick(random, bases);
        const victim = pick(random, Object.keys(recording.files));
        for (const [name, content] of Object.entries(recording.files)) {
          let bytes: Buffer = Buffer.from(content);
          for (let n = random.whole(1, 3); name === victim && n > 0 && bytes.length > 0; n--) {
            bytes = pick(random, MUTATIONS)(random, bytes);
          }
          if (name === victim) damaged = bytes;
          writeFileSync(join(folder, name), bytes);
        }
        const startMs = performance.now();
        const options = { ...recording.options, path: join(folder, recording.name) };
        let wrong: string | undefined;
        try {
          const outcome = await streamed(await openAdapter(kind, options, { pacer: fullSpeedPacer() }));
          wrong = fault(outcome, areasOf(recording));
          if (isChirpdError(outcome.error)) {
            refusedByCode[outcome.error.code] = (refusedByCode[outcome.error.code] ?? 0) + 1;
          } else {
            nRead++;
          }
        } catch (error) {
          wrong = errorText(error);
        }
        slowestMs = Math.max(slowestMs, performance.now() - startMs);
        if (wrong !== undefined) {
          const text = `${kind}, seed ${seed}, file ${i} (${victim} of ${recording.name}): ${wrong}`;
          throw new FuzzFailure(i, damaged, text);
        }
        if (i === Math.floor(nFiles / 10)) usedEarly = await bytesHeld();
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    return { nFiles, nRead, refusedByCode, slowestMs, growthBytes: (await bytesHeld()) - usedEarly };
  };
}

export const fuzzBrainVision = fuzzerOf('brainvision');
export const fuzzXdf = fuzzerOf('xdf');
export const fuzzOpenBciText = fuzzerOf('openbci-text');
export const fuzzCsv = fuzzerOf('csv');
