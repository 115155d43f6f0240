import { z } from 'zod';
import { channelsOption, excludeOption, pathOption } from '../replay/options.js';

export const edfOptionsSchema = z.strictObject({
  path: pathOption('EDF, EDF+C, EDF+D, BDF or BDF+ file'),
  channels: channelsOption,
  exclude: excludeOption,
});

export type EdfOptions = Readonly<z.output<typeof edfOptionsSchema>>;
