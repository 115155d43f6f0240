import { parseArgs } from 'node:util';
import { PROFILE_NAMES, type ProfileName } from '../../pipelines/core/profile.js';

/** What a person asks of `npm run bench`. */
export interface BenchOptions {
  readonly isHelp: boolean;
  readonly isList: boolean;
  /** Names of benchmarks; undefined: those that run by themselves. */
  readonly only: readonly string[] | undefined;
  readonly quick: boolean;
  readonly json: string | undefined;
  readonly keep: boolean;
  readonly compare: string | undefined;
  readonly settings: BenchSettings;
}

/** What single benchmarks take; undefined: as they have it. */
export interface BenchSettings {
  readonly quick: boolean;
  readonly minutes: number | undefined;
  readonly hours: number | undefined;
  readonly profile: ProfileName;
  readonly threads: number | undefined;
  readonly variant: string | undefined;
  readonly beds: number | undefined;
  readonly bedsFrom: number | undefined;
  readonly trySeconds: number | undefined;
  readonly cpuProfiles: string | undefined;
}

/** A command line that is not understood: one line for the person who typed it. */
export class UsageError extends Error {}

/** @throws UsageError */
export function readOptions(args: readonly string[]): BenchOptions {
  const values = parsed(args);
  const profile = PROFILE_NAMES.find((name) => name === values.profile);
  if (profile === undefined) throw new UsageError(`--profile is one of ${PROFILE_NAMES.join(', ')}`);
  if (values.variant !== undefined && values.variant !== 'float32' && values.variant !== 'int8')
    throw new UsageError('--variant is float32 or int8');
  const quick = values.quick;
  if (values.keep && quick) throw new UsageError('--keep is for whole runs: leave --quick out');
  return {
    isHelp: values.help,
    isList: values.list,
    only: values.only === undefined ? undefined : namesIn(values.only),
    quick,
    json: values.json,
    keep: values.keep,
    compare: values.compare,
    settings: {
      quick,
      minutes: above0('minutes', values.minutes),
      hours: above0('hours', values.hours),
      profile,
      threads: whole('threads', values.threads),
      variant: values.variant,
      beds: whole('beds', values.beds),
      bedsFrom: whole('beds-from', values['beds-from']),
      trySeconds: above0('try-seconds', values['try-seconds']),
      cpuProfiles: values['cpu-profiles'],
    },
  };
}

const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean', default: false } as const;

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: FLAG,
        list: FLAG,
        only: TEXT,
        quick: FLAG,
        json: TEXT,
        keep: FLAG,
        compare: TEXT,
        minutes: TEXT,
        hours: TEXT,
        profile: { type: 'string', default: 'slow' },
        threads: TEXT,
        variant: TEXT,
        beds: TEXT,
        'beds-from': TEXT,
        'try-seconds': TEXT,
        'cpu-profiles': TEXT,
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message.split(/\.\s/)[0] ?? '');
  }
}

function namesIn(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new UsageError('--only takes names with commas between them');
  return [...new Set(names)];
}

function above0(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new UsageError(`--${name} takes a number above 0, not "${text}"`);
  return value;
}

function whole(name: string, text: string | undefined): number | undefined {
  const value = above0(name, text);
  if (value !== undefined && !Number.isInteger(value))
    throw new UsageError(`--${name} takes a whole number, not "${text ?? ''}"`);
  return value;
}
