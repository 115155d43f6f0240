import { z } from 'zod';
import { channelLabel, defaultLabel, hasNoTwinLabels, serialOptions } from '../serial/options.js';
import { CYTON_GAINS } from './board.js';

const channelObject = z.strictObject({
  label: channelLabel.optional().describe('Electrode, such as Fp1. Left out: Ch1, Ch2, ... by the place in this list.'),
  gain: z.literal(CYTON_GAINS).default(24).describe("Gain of the channel's amplifier."),
  isOn: z.boolean().default(true).describe('Off: the channel is powered down and is not part of the stream.'),
  bias: z.boolean().default(true).describe('Whether the electrode takes part in the bias (driven ground).'),
  srb2: z.boolean().default(true).describe('Whether the channel is measured against the common reference (SRB2).'),
  srb1: z
    .boolean()
    .default(false)
    .describe('Whether the common reference is SRB1; on one channel, holds for all of its board.'),
});

/** A name alone is a channel of that label, all else at its default. */
const channelSchema = z.preprocess((value) => (typeof value === 'string' ? { label: value } : value), channelObject);

const impedanceSchema = z
  .strictObject({
    when: z
      .enum(['start', 'always'])
      .describe(
        'start: each channel for a second before the stream begins. always: all the time, with a 31.25 Hz line in the signal.',
      ),
    input: z
      .enum(['N', 'P'])
      .default('N')
      .describe('Which input of a channel is measured; electrodes sit at N by default.'),
    offOhms: z
      .number()
      .min(1000)
      .max(1e9)
      .default(1e6)
      .describe('From this impedance on the electrode counts as off, ohm.'),
  })
  .optional()
  .describe('Measure the impedance of the electrodes. Left out: do not.');

export const cytonOptionsSchema = z.strictObject({
  ...serialOptions,
  daisy: z
    .enum(['auto', 'yes', 'no'])
    .default('auto')
    .describe('Daisy module: 16 channels at 125 Hz in place of 8 at 250 Hz. auto: if the board has one.'),
  channels: z
    .array(channelSchema)
    .min(1)
    .max(16)
    .refine(
      (channels) => hasNoTwinLabels(channels.map(({ label }, i) => label ?? defaultLabel(i))),
      'two channels have the same label',
    )
    .optional()
    .describe(
      'The first channels in the order of the board, each a name or its settings; the others are off. Left out: all, at gain 24.',
    ),
  timeStamps: z
    .boolean()
    .default(true)
    .describe('Let the board send its clock with each packet, in place of the accelerometer (firmware 2 and later).'),
  impedance: impedanceSchema,
});

export type CytonOptions = Readonly<z.output<typeof cytonOptionsSchema>>;
export type CytonChannelOptions = Readonly<z.output<typeof channelSchema>>;
export type ImpedanceOptions = NonNullable<CytonOptions['impedance']>;
