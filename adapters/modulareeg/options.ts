import { z } from 'zod';
import { channelLabels, serialOptions } from '../serial/options.js';
import { MODULAREEG_CHANNELS, MODULAREEG_MICROVOLTS_PER_COUNT } from './packet.js';

export const modularEegOptionsSchema = z.strictObject({
  ...serialOptions,
  labels: channelLabels(MODULAREEG_CHANNELS),
  microvoltsPerCount: z
    .number()
    .min(0.001)
    .max(100)
    .default(MODULAREEG_MICROVOLTS_PER_COUNT)
    .describe('Microvolts of one count, by your calibration; the default is that of the published design.'),
});

export type ModularEegOptions = Readonly<z.output<typeof modularEegOptionsSchema>>;
