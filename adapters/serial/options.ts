import { z } from 'zod';
import { canonicalLabel } from '../../pipelines/core/labels.js';

/** Options of every device on a serial port. */
export const serialOptions = {
  port: z
    .string()
    .min(1)
    .describe('Serial port, such as /dev/ttyUSB0, /dev/serial/by-id/... (stays the same after replugging) or COM3.'),
  silenceSeconds: z
    .number()
    .min(0.5)
    .max(60)
    .default(2)
    .describe('Without a packet for so long the device counts as lost, seconds.'),
};

export const channelLabel = z
  .string()
  .trim()
  .min(1)
  .max(40)
  .describe('Electrode or derivation, such as Fp1 or F7-T7; canonical names are found by montages.');

/** Name of a channel that nobody has named. @param place from 0 */
export function defaultLabel(place: number): string {
  return `Ch${String(place + 1)}`;
}

/** Whether no two labels name the same electrode. */
export function hasNoTwinLabels(labels: readonly string[]): boolean {
  return new Set(labels.map(canonicalLabel)).size === labels.length;
}

/** Labels of the channels in the order of the device; left out: `Ch1`, `Ch2`, ... as nobody knows where they sit. */
export function channelLabels(nChannels: number): z.ZodOptional<z.ZodArray<typeof channelLabel>> {
  return z
    .array(channelLabel)
    .min(1)
    .max(nChannels)
    .refine(hasNoTwinLabels, 'two channels have the same label')
    .optional()
    .describe(
      `Names of the first channels in the device's order, at most ${String(nChannels)}; the others are not part of the stream. ` +
        `Left out: all ${String(nChannels)}, as Ch1, Ch2, ...`,
    );
}
