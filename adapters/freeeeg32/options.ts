import { z } from 'zod';
import { channelLabels, serialOptions } from '../serial/options.js';
import { FREEEEG32_CHANNELS, FREEEEG32_PACKET_BYTES } from './packet.js';

export const freeEeg32OptionsSchema = z.strictObject({
  ...serialOptions,
  labels: channelLabels(FREEEEG32_CHANNELS),
  packetBytes: z
    .int()
    .min(99)
    .max(140)
    .default(FREEEEG32_PACKET_BYTES)
    .describe('Length of a packet; firmware that sends more beside the values has longer ones.'),
});

export type FreeEeg32Options = Readonly<z.output<typeof freeEeg32OptionsSchema>>;
