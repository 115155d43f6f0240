import { z } from 'zod';
import { UNITS } from '../units.js';

export const RAW_FORMATS = [
  'int16le',
  'int16be',
  'int24le',
  'int24be',
  'int32le',
  'int32be',
  'float32le',
  'float32be',
  'csv',
] as const;
export type RawFormat = (typeof RAW_FORMATS)[number];

/** What samples without any protocol are: the first line of a stream as JSON, or options in its place. */
export const rawStreamSchema = z.strictObject({
  channels: z
    .array(
      z
        .string()
        .min(1)
        .max(64)
        .regex(/^[^\p{C}]+$/u, 'no control characters'),
    )
    .min(1)
    .max(256)
    .describe('Labels, in the order in which the values of a sample come.'),
  sampleRate: z.number().min(1).max(100_000).describe('Samples per second and channel, Hz.'),
  format: z
    .enum(RAW_FORMATS)
    .describe('Of a value: whole numbers or floats, little- or big-endian, samples interleaved; or lines of text.'),
  units: z.enum(UNITS).default('uV').describe('Of the values, after the scale.'),
  scale: z.number().positive().max(1e9).default(1).describe('Units per count: what a 1 in the data is.'),
  startTimeMicros: z
    .int()
    .min(0)
    .max(2 ** 52)
    .optional()
    .describe('Unix time of the first sample, microseconds. Left out: when it comes.'),
  source: z.string().min(1).max(200).optional().describe('For people: the program or device.'),
});

export type RawStream = Readonly<z.output<typeof rawStreamSchema>>;
