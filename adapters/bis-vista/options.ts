import { z } from 'zod';
import { channelLabels, serialOptions } from '../serial/options.js';
import { BIS_CHANNELS } from './messages.js';

export const bisVistaOptionsSchema = z.strictObject({ ...serialOptions, labels: channelLabels(BIS_CHANNELS) });

export type BisVistaOptions = Readonly<z.output<typeof bisVistaOptionsSchema>>;
