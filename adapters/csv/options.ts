import { z } from 'zod';
import { channelsOption, excludeOption, pathOption } from '../replay/options.js';
import { microvoltsPerUnit } from '../replay/units.js';

export const csvOptionsSchema = z.strictObject({
  path: pathOption('Table of samples as text (CSV, TSV), one row a sample, one column a channel, with a line of names'),
  sampleRate: z
    .number()
    .min(1)
    .max(1e6)
    .optional()
    .describe('Hz. Left out: from the time column. Needed where there is none.'),
  unit: z
    .string()
    .refine((unit) => microvoltsPerUnit(unit) !== undefined, 'must be uV, mV, nV or V')
    .optional()
    .describe('uV, mV, nV or V: the unit of the columns whose name states none (as "Fp1 (uV)" does).'),
  microvoltsPerUnit: z
    .number()
    .refine((scale) => Math.abs(scale) >= 1e-12 && Math.abs(scale) <= 1e12, 'must be a scale of 1e-12 to 1e12')
    .optional()
    .describe('In place of unit, for raw counts: microvolts in one unit of the columns whose name states none.'),
  columns: z
    .array(z.string().max(80))
    .min(1)
    .max(4096)
    .optional()
    .describe('Names of all columns in order, where the file does not name them or names them wrongly; "" for none.'),
  timeColumn: z
    .string()
    .min(1)
    .default('auto')
    .describe('Name of the column of times; auto: one called time, timestamp or the like; none: there is none.'),
  timeUnit: z
    .enum(['auto', 's', 'ms', 'us', 'ns'])
    .default('auto')
    .describe('Unit of numeric times; auto: as its name says ("time (ms)"), by its size for Unix times, else seconds.'),
  markerColumn: z
    .string()
    .min(1)
    .optional()
    .describe('Name of a column whose text, where it changes to something other than empty or 0, is an annotation.'),
  startTime: z
    .string()
    .refine((text) => !Number.isNaN(Date.parse(text)), 'must be a date and time such as 2024-05-01T13:30:00Z')
    .optional()
    .describe('When the recording began, where its times do not tell, such as 2024-05-01T13:30:00Z.'),
  delimiter: z
    .enum(['auto', ',', ';', '\t', '|', ' '])
    .default('auto')
    .describe('Between columns; auto: what makes the most numbers; a space stands for any blanks.'),
  decimal: z.enum(['auto', '.', ',']).default('auto').describe('Decimal point or comma.'),
  skipLines: z.int().min(0).max(10_000).default(0).describe('Lines to pass over before the line of names.'),
  channels: channelsOption,
  exclude: excludeOption,
});

export type CsvOptions = Readonly<z.output<typeof csvOptionsSchema>>;
