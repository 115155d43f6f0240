import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../../adapters/synthetic/random.js';
import { parseConfig } from '../../../daemon/config/load.js';
import { packageRoot } from '../../../daemon/package-root.js';
import { errorText, isChirpdError } from '../../../pipelines/core/errors.js';
import { damage, damageValue, HOSTILE_VALUES, pick } from '../../fuzz/damage.js';
import { type FuzzBatch, type Fuzzer, type FuzzOutcomes, OutcomeCounter } from '../../fuzz/fuzz-batch.js';
import { FuzzFailure } from '../../fuzz/fuzz-failure.js';

const FILE = '/nowhere/chirpd.yaml';
/** A line that says where: the file, a line of it where there is one, and for a value its path. */
const TOLD = /^ {2}\/nowhere\/chirpd\.yaml(?::\d+)?: ./;
const LONGEST_MESSAGE = 200_000;
/** An exception told as it is. */
const STACK = /^\s+at .*[(:]\S*:\d+|call stack|Cannot read prop|is not a function|undefined is not/im;
const MAX_MS = 5000;

const BED = { name: 'A', adapter: { kind: 'synthetic', seed: 3 } };
const CONFIGS: readonly unknown[] = [
  { beds: [BED] },
  {
    beds: [
      { ...BED, montage: ['F7-T7'], profiles: ['slow', 'scalp'], mainsHz: 50, speed: 'max', alarmRules: [] },
      { ...BED, name: 'B' },
    ],
  },
  {
    server: { host: '0.0.0.0', port: 1, tls: { certificate: 'a', key: 'b' }, allowedHosts: ['x.example'] },
    beds: [BED],
  },
  {
    alarms: { rules: [{ priority: 'low', each: true }], webhooks: [{ url: 'http://x.example/', tokenFile: 't' }] },
    beds: [BED],
  },
  {
    influx: { url: 'http://x.example:8086', database: 'eeg', passwordFile: 'p' },
    data: 'd',
    unit: { timeZone: 'UTC' },
    beds: [BED],
  },
  {
    model: { path: 'm', threads: 2, providers: ['cpu'] },
    detection: { presence: 0.5 },
    journal: { minutes: 0 },
    beds: [BED],
  },
  {
    beds: [
      { name: 'C', adapter: { kind: 'cyton', port: '/dev/ttyUSB0', channels: ['Fp1', { label: 'Fp2', gain: 12 }] } },
    ],
  },
  { beds: [{ name: 'D', adapter: { kind: 'session', files: [{ path: 'a.edf' }, { path: 'b.edf' }] } }] },
];
const YAML_PARTS = [
  '&a ',
  '*a',
  '<<: *a\n',
  '!!js/function x',
  '!!binary aGk=',
  '!!set {a}',
  '---\n',
  '...\n',
  '%YAML 1.1\n---\n',
  '%TAG ! tag:x\n',
  '? ',
  '| \n',
  '>-\n',
  '\t',
  '{',
  '}',
  '[',
  ']',
  ': ',
  '- ',
  '# ',
  '"',
  "'",
  '\0',
  '\ufeff',
  '&a [*a, *a]',
  '__proto__: {x: 1}\n',
];

/** The whole of the example now and then, as it is long. */
const EXAMPLE = readFileSync(join(packageRoot(), 'daemon/config/example.yaml'), 'utf8');

function laughs(random: Random): string {
  const nLevels = random.whole(1, 12);
  const width = random.whole(1, 12);
  const levels = Array.from({ length: nLevels }, (_, i) => {
    const inner = i === 0 ? 'lol' : `*a${String(i - 1)}`;
    return `a${String(i)}: &a${String(i)} [${Array.from({ length: width }, () => inner).join(', ')}]`;
  });
  return `${levels.join('\n')}\nbeds: [*a${String(nLevels - 1)}]\n`;
}

function nested(random: Random): string {
  const depth = random.whole(1, random.uniform() < 0.05 ? 20_000 : 400);
  switch (random.whole(0, 3)) {
    case 0:
      return `beds: ${'['.repeat(depth)}`;
    case 1:
      return `beds: ${'['.repeat(depth)}${']'.repeat(depth)}`;
    case 2:
      return `beds: ${'{a: '.repeat(depth)}1${'}'.repeat(depth)}`;
    default:
      return `beds:\n${' - '.repeat(depth)}x`;
  }
}

/** A config file: one that is right and was damaged as YAML or as bytes, or an attack. */
export function configText(random: Random): string {
  const kind = random.uniform();
  if (kind < 0.05) return laughs(random);
  if (kind < 0.08) return nested(random);
  if (kind < 0.1) return damage(random, Buffer.from(EXAMPLE), 6).toString();
  if (kind < 0.12) return JSON.stringify(pick(random, HOSTILE_VALUES));
  let config = pick(random, CONFIGS);
  if (kind < 0.7) for (let n = random.whole(0, 3); n > 0; n--) config = damageValue(random, config);
  const text = random.uniform() < 0.5 ? JSON.stringify(config) : JSON.stringify(config, undefined, 2);
  if (kind < 0.55) return text;
  let damaged = kind < 0.7 ? text : damage(random, Buffer.from(text), 5).toString();
  if (random.uniform() < 0.5) {
    const at = random.whole(0, damaged.length);
    damaged = damaged.slice(0, at) + pick(random, YAML_PARTS) + damaged.slice(at);
  }
  return damaged;
}

/** How a text ends: `taken`, or the code of a clear error. @throws Error where it is none */
export function configOutcome(text: string): string {
  const startMs = performance.now();
  let outcome = 'taken';
  try {
    parseConfig(text, FILE);
  } catch (error) {
    if (!isChirpdError(error)) throw new Error(`not a coded error: ${errorText(error)}`, { cause: error });
    const lines = error.message.split('\n').slice(1, -1);
    if (lines.length === 0) throw new Error(`an error that names no place: ${error.message}`, { cause: error });
    const unclear = lines.find((line) => !TOLD.test(line) && !/^ {2}and \d+ more$/.test(line));
    // A text of the file itself, in quotes, may be of several lines.
    if (unclear !== undefined && !/[\p{Cc}\u2028\u2029]/u.test(text.replaceAll('\n', '')) && !text.includes('\\')) {
      throw new Error(`a line that names no place: ${unclear}`, { cause: error });
    }
    if (STACK.test(error.message) && !STACK.test(text))
      throw new Error(`an exception as it is: ${error.message}`, { cause: error });
    if (error.message.length > LONGEST_MESSAGE)
      throw new Error(`a message of ${String(error.message.length)} characters`, { cause: error });
    outcome = error.code;
  }
  if (({} as Record<string, unknown>)['x'] !== undefined || Object.keys(Object.prototype).length > 0)
    throw new Error('Object.prototype was changed');
  if (performance.now() - startMs > MAX_MS)
    throw new Error(`took ${String(Math.round(performance.now() - startMs))} ms`);
  return outcome;
}

/** Config files through the real parser and schema: each is taken, or refused with a clear error. */
export const configFuzzer: Fuzzer = {
  run({ nInputs, seed, onInput }: FuzzBatch): Promise<FuzzOutcomes> {
    const counter = new OutcomeCounter();
    for (let i = 0; i < nInputs; i++) {
      onInput(i);
      const text = configText(new Random(seed, `config ${String(i)}`));
      const startMs = performance.now();
      try {
        counter.add(configOutcome(text), performance.now() - startMs);
      } catch (error) {
        throw new FuzzFailure(i, text, errorText(error), { cause: error });
      }
    }
    return Promise.resolve(counter.outcomes);
  },
};
