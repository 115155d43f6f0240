import { z } from 'zod';
import { channelsOption, excludeOption, pathOption } from '../replay/options.js';

export const brainVisionOptionsSchema = z.strictObject({
  path: pathOption('Header (.vhdr) of a BrainVision recording, beside its data and markers'),
  channels: channelsOption,
  exclude: excludeOption,
});

export type BrainVisionOptions = Readonly<z.output<typeof brainVisionOptionsSchema>>;
