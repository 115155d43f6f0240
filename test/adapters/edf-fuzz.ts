import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { edfAdapter } from '../../adapters/edf/adapter.js';
import { edfOptionsSchema } from '../../adapters/edf/options.js';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { Random } from '../../adapters/synthetic/random.js';
import { errorText, isChirpdError } from '../../pipelines/core/errors.js';
import { FuzzFailure } from '../fuzz/fuzz-failure.js';
import { smallFiles } from '../fixtures/edf/build.js';
import { bytesHeld } from '../bytes-held.js';
import { fault, streamed, type FuzzReport } from './fuzz-outcome.js';

/** What writers, cut cables and attackers put into fields. */
const NASTY_NUMBERS = [
  ...['', '0', '-0', '-1', '1', '2', '3', '7', '64', '255', '256', '257', '32767', '-32768', '65536', '8388607'],
  ...['99999999', '-9999999', '1e308', '1E9', '-1e-300', '1e-7', '0.1', '0,5', '0.000001', '1e8', '1e400', 'NaN'],
  ...[
    'Infinity',
    '-',
    '+',
    '.',
    '1.',
    '.5',
    '1 2',
    '0x10',
    '\0\0\0\0',
    '1\0 2',
    '\u00ff\u00ff',
    'abcdefgh',
    '--1',
    '1e',
    '12345678',
  ],
];
const NASTY_TEXTS = [
  'EDF Annotations',
  'BDF Annotations',
  'EDF+D',
  'EDF+C',
  'BDF+D',
  'uV',
  'mV',
  '',
  'Fp1',
  'ECG',
  '\0\0\0',
];
const NASTY_LISTS = [
  ...[
    '+0\x14\x14\0',
    '+1e9\x14\x14\0',
    '-5\x14\x14\0',
    `+${'9'.repeat(40)}\x14\x14\0`,
    '+1.5\x15-3\x14x\x14\0',
    '\x14\x14\x14\0',
  ],
  ...[
    '+2',
    '+3\x15',
    '+4\x14',
    '\x15\x15\x15\0',
    '+0.0000000001\x14\x14\0',
    '+2.99\x14\x14\0',
    '+3155760000\x14\x14\0',
    '+\x14\x14\0',
  ],
];

function pick<T>(random: Random, from: readonly T[]): T {
  return from[random.whole(0, from.length - 1)] as T;
}

function overwrite(bytes: Buffer, at: number, text: string, width: number): void {
  if (at >= bytes.length) return;
  bytes.fill(' ', at, Math.min(bytes.length, at + width));
  bytes.write(text.slice(0, width), at, 'latin1');
}

/** Start and width of a field of the header, at random. */
function fieldAt(random: Random, bytes: Buffer): readonly [number, number] {
  const fixed = [
    [0, 8],
    [88, 80],
    [168, 8],
    [176, 8],
    [184, 8],
    [192, 44],
    [236, 8],
    [244, 8],
    [252, 4],
  ] as const;
  if (random.uniform() < 0.5) return pick(random, fixed);
  // What the header says, where an earlier change has left it a number at all.
  const nStated = Math.floor(Number(bytes.toString('latin1', 184, 192)) / 256) - 1;
  const nSignals = nStated >= 1 && Number.isFinite(nStated) ? nStated : 1;
  const widths = [16, 80, 8, 8, 8, 8, 8, 80, 8, 32];
  const field = random.whole(0, widths.length - 1);
  const before = widths.slice(0, field).reduce((sum, width) => sum + width, 0);
  const width = widths[field] as number;
  return [256 + nSignals * before + random.whole(0, nSignals - 1) * width, width];
}

const MUTATIONS: readonly ((random: Random, bytes: Buffer) => Buffer)[] = [
  (random, bytes) => {
    const [at, width] = fieldAt(random, bytes);
    overwrite(bytes, at, pick(random, NASTY_NUMBERS), width);
    return bytes;
  },
  (random, bytes) => {
    const [at, width] = fieldAt(random, bytes);
    overwrite(bytes, at, pick(random, NASTY_TEXTS), width);
    return bytes;
  },
  (random, bytes) => {
    const reach = random.uniform() < 0.5 ? Math.min(1024, bytes.length) : bytes.length;
    for (let n = random.whole(1, 30); n > 0; n--) bytes[random.whole(0, reach - 1)] = random.whole(0, 255);
    return bytes;
  },
  (random, bytes) => bytes.subarray(0, random.whole(0, bytes.length)),
  (random, bytes) => Buffer.concat([bytes, Buffer.alloc(random.whole(1, 3000), random.whole(0, 255))]),
  (random, bytes) => {
    const length = random.whole(1, Math.min(600, bytes.length));
    const from = random.whole(0, bytes.length - length);
    bytes.copy(bytes, random.whole(0, bytes.length - length), from, from + length);
    return bytes;
  },
  (random, bytes) => {
    const at = random.whole(0, bytes.length - 1);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + random.whole(1, 300)))]);
  },
  (random, bytes) => {
    // Over the annotation list of some record, if the file has any.
    const lists: number[] = [];
    for (let at = bytes.indexOf('\x14\x14'); at >= 0; at = bytes.indexOf('\x14\x14', at + 1)) lists.push(at);
    if (lists.length === 0) return bytes;
    const at = bytes.lastIndexOf('+', pick(random, lists));
    if (at >= 0) bytes.write(pick(random, NASTY_LISTS), at, 'latin1');
    return bytes;
  },
];

/**
 * Opens and streams `nFiles` damaged files.
 * @param onInput called as each file begins, with its number
 * @throws FuzzFailure of the first file that crashes, hangs, or breaks the contract of a stream
 */
export async function fuzzEdf(
  nFiles: number,
  seed: number,
  onInput: (number: number) => void = () => undefined,
): Promise<FuzzReport> {
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-fuzz-'));
  const path = join(folder, 'damaged.edf');
  const bases = Object.values(smallFiles());
  const refusedByCode: Record<string, number> = {};
  let nRead = 0;
  let slowestMs = 0;
  let usedEarly = await bytesHeld();
  try {
    for (let i = 0; i < nFiles; i++) {
      onInput(i);
      const random = new Random(seed, `file ${i}`);
      let bytes: Buffer = Buffer.from(pick(random, bases));
      for (let n = random.whole(1, 3); n > 0 && bytes.length > 0; n--) bytes = pick(random, MUTATIONS)(random, bytes);
      writeFileSync(path, bytes);
      const startMs = performance.now();
      let outcome;
      try {
        outcome = await streamed(
          edfAdapter.open(edfOptionsSchema.parse({ path, channels: i % 2 === 0 ? 'auto' : 'all' }), {
            pacer: fullSpeedPacer(),
          }),
        );
      } catch (error) {
        throw new FuzzFailure(i, bytes, `seed ${seed}, file ${i}: ${errorText(error)}`, { cause: error });
      }
      slowestMs = Math.max(slowestMs, performance.now() - startMs);
      const wrong = fault(outcome, ['EDF']);
      if (wrong !== undefined) throw new FuzzFailure(i, bytes, `seed ${seed}, file ${i}: ${wrong}`);
      if (isChirpdError(outcome.error)) {
        refusedByCode[outcome.error.code] = (refusedByCode[outcome.error.code] ?? 0) + 1;
      } else {
        nRead++;
      }
      if (i === Math.floor(nFiles / 10)) usedEarly = await bytesHeld();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { nFiles, nRead, refusedByCode, slowestMs, growthBytes: (await bytesHeld()) - usedEarly };
}
