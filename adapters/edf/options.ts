import { z } from 'zod';

export const edfOptionsSchema = z.strictObject({
  path: z.string().min(1).describe('EDF, EDF+C, EDF+D, BDF or BDF+ file to replay.'),
  channels: z
    .enum(['auto', 'all'])
    .default('auto')
    .describe(
      'auto: 10-20 and 10-10 electrodes and derivations, or, in a recording without any, every voltage that its label does not call something else. all: those voltages in every recording.',
    ),
  exclude: z
    .array(z.string().min(1))
    .default([])
    .describe('Labels of signals to leave out, as the file writes them or canonical (T3 or T7).'),
});

export type EdfOptions = Readonly<z.output<typeof edfOptionsSchema>>;
