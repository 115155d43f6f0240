import type { parseArgs, ParseArgsConfig } from 'node:util';

type OptionTable = NonNullable<ParseArgsConfig['options']>;

/** A command line that cannot be understood: one line for whoever typed it. */
export class UsageError extends Error {
  readonly code: 'USAGE';
}

/** The values of the options; nothing else may stand there. @throws UsageError */
export function readOptions<const Options extends OptionTable>(
  options: Options,
  args: readonly string[],
): ReturnType<typeof parseArgs<{ options: Options }>>['values'];

/** @throws UsageError */
export function wholeNumber(name: string, text: string, lowest: number): number;

/** @throws UsageError */
export function numberAbove0(name: string, text: string): number;

/** What `read` returns; where the command line cannot be understood, says why and ends the process with 2. */
export function orUsage<Value>(read: () => Value): Value;
