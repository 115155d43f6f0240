import { z } from 'zod';

/** Options that every replay of a file has. */
export const channelsOption = z
  .union([z.enum(['auto', 'all']), z.array(z.string().min(1)).min(1)])
  .default('auto')
  .describe(
    'auto: 10-20 and 10-10 electrodes and derivations, or, in a recording without any, every voltage that its label does not call something else. all: those voltages in every recording. A list of labels: these and no others.',
  );

export const excludeOption = z
  .array(z.string().min(1))
  .default([])
  .describe('Labels of signals to leave out, as the file writes them or canonical (T3 or T7).');

/** @param what of what kind the file is, for the help text */
export function pathOption(what: string): z.ZodString {
  return z.string().min(1).describe(`${what} to replay.`);
}
