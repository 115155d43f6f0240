import { z } from 'zod';
import { channelsOption, excludeOption, pathOption } from '../replay/options.js';
import { microvoltsPerUnit } from '../replay/units.js';

export const xdfOptionsSchema = z.strictObject({
  path: pathOption('XDF file (.xdf, .xdfz)'),
  stream: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Name or number of the stream to replay. Left out: of those of type EEG, the one with the most scalp electrodes.',
    ),
  unit: z
    .string()
    .refine((unit) => microvoltsPerUnit(unit) !== undefined, 'must be uV, mV, nV or V')
    .optional()
    .describe('uV, mV, nV or V: the unit of the channels for which the file states none.'),
  gapSeconds: z
    .number()
    .min(0.01)
    .max(3600)
    .default(1)
    .describe('A jump of the time stamps by more is a gap; less is jitter, which a straight line evens out.'),
  markers: z.boolean().default(true).describe('Whether what marker streams say becomes annotations.'),
  channels: channelsOption,
  exclude: excludeOption,
});

export type XdfOptions = Readonly<z.output<typeof xdfOptionsSchema>>;
