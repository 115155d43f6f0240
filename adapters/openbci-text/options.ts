import { z } from 'zod';
import { channelsOption, excludeOption, pathOption } from '../replay/options.js';

export const openBciTextOptionsSchema = z.strictObject({
  path: pathOption('Raw text file of the OpenBCI GUI (OpenBCI-RAW-....txt)'),
  labels: z
    .array(z.string().min(1).max(40))
    .min(1)
    .max(64)
    .optional()
    .describe(
      'Electrodes in the order of the board\'s inputs, such as [Fp1, Fp2, C3, C4]: the file does not name them. Left out: "channel 1", "channel 2", ...',
    ),
  sampleRate: z
    .number()
    .min(1)
    .max(100_000)
    .optional()
    .describe('Hz, for a file whose header does not state it, or in place of what it states.'),
  nChannels: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe('Number of EEG columns, for a file of the old GUI whose header does not state it.'),
  channels: channelsOption,
  exclude: excludeOption,
});

export type OpenBciTextOptions = Readonly<z.output<typeof openBciTextOptionsSchema>>;
