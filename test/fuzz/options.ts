import { numberAbove0, readOptions, UsageError, wholeNumber } from '../runner/command-line.mjs';
import { FUZZ_KINDS, PLAN, type PlannedFuzzer } from './plan.js';

const DEFAULT_INPUTS = 1_000_000;
export const FUZZ_HELP = `npm run fuzz -- [options]

Gives damaged and hostile inputs to what takes inputs, each in a process of its own: HTTP requests, WebSocket messages
and what programs push, to a daemon on loopback; bytes of serial devices (to the parsers, and some over pseudo-terminals),
EDF and other recordings, config files. Each must be taken or refused in order: nothing may crash, hang, leak or grow.

  --inputs N     how many in all (default ${String(DEFAULT_INPUTS)})
  --only KINDS   ${FUZZ_KINDS.join(', ')}, with commas between them; or one of their parts, such as
                 serial-port, csv
  --seed N       of the first batch (default: by the clock); the same seed gives the same inputs
  --minutes N    no longer than this in all: fewer inputs then, and the report says how many
  --json FILE    the report for machines
  --help         this

Ends with 1 where something went wrong, and says what, with the command that has it again. Inputs that failed are kept
in .tap/fuzz/failures.
`;
export interface FuzzOptions {
  readonly chosen: readonly PlannedFuzzer[];
  readonly nInputs: number;
  readonly seed: number;
  readonly minutes: number | undefined;
  readonly json: string | undefined;
}

/** @returns undefined where help is asked for @throws UsageError */
export function readFuzzOptions(args: readonly string[]): FuzzOptions | undefined {
  const values = readOptions(
    {
      inputs: { type: 'string', default: String(DEFAULT_INPUTS) },
      only: { type: 'string' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      minutes: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
    args,
  );
  if (values.help) return undefined;
  const wanted = values.only?.split(',').map((name) => name.trim());
  const unknown = wanted?.find((name) => !PLAN.some((planned) => planned.kind === name || planned.name === name));
  if (unknown !== undefined) throw new UsageError(`--only takes ${FUZZ_KINDS.join(', ')}, not "${unknown}"`);
  return {
    chosen: PLAN.filter(({ name, kind }) => wanted === undefined || wanted.includes(kind) || wanted.includes(name)),
    nInputs: wholeNumber('inputs', values.inputs, 1),
    seed: wholeNumber('seed', values.seed, 0),
    minutes: values.minutes === undefined ? undefined : numberAbove0('minutes', values.minutes),
    json: values.json,
  };
}
