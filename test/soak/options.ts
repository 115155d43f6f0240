import { numberAbove0, readOptions, wholeNumber } from '../runner/command-line.mjs';

export const SOAK_HELP = `npm run soak -- [options]

Runs a daemon with beds whose devices push as fast as it takes what they send, while connections break, devices are
unplugged and come back, and clients connect, resume, fall behind and leave. Then: what memory, loop delay and events
say about hours and days of it.

  --minutes N    how long (default 120)
  --beds N       beds with a signal that repeats (default 4)
  --look N       seconds from look to look at the memory (default 30)
  --json FILE    all figures
  --help         this

Ends with 1 where something is not as it must be: memory that grows by 1 MB or more for each simulated hour, a main loop
delayed by 20 ms or more (99th percentile), other events than in a shorter run, a record missed, an error in the log.
`;

/** What is asked of a soak. */
export interface SoakCommand {
  readonly minutes: number;
  readonly nBeds: number;
  readonly lookSeconds: number;
  /** File of all figures. */
  readonly json: string | undefined;
}

/** @returns undefined where help is asked for @throws UsageError */
export function readSoakOptions(args: readonly string[]): SoakCommand | undefined {
  const values = readOptions(
    {
      minutes: { type: 'string', default: '120' },
      beds: { type: 'string', default: '4' },
      look: { type: 'string', default: '30' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
    args,
  );
  if (values.help) return undefined;
  return {
    minutes: numberAbove0('minutes', values.minutes),
    nBeds: wholeNumber('beds', values.beds, 1),
    lookSeconds: numberAbove0('look', values.look),
    json: values.json,
  };
}
