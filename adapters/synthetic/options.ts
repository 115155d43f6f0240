import { z } from 'zod';

export const syntheticOptionsSchema = z.strictObject({
  seed: z.int().min(0).default(1).describe('Same seed, same signal, to the last bit.'),
  nChannels: z
    .int()
    .min(1)
    .max(19)
    .default(19)
    .describe(
      'Electrodes, taken in the order Fp1, Fp2, F3, F4, C3, C4, P3, P4, O1, O2, F7, F8, T7, T8, P7, P8, Fz, Cz, Pz.',
    ),
  sampleRate: z.number().min(64).max(4096).default(256).describe('Samples per second and channel, Hz.'),
  startTimeMicros: z
    .int()
    .min(0)
    .optional()
    .describe('Unix time of the first sample, microseconds. Left out: the moment at which the stream is opened.'),
  durationSeconds: z.number().positive().optional().describe('Length of the stream, seconds. Left out: endless.'),
  chirps: z.boolean().default(true).describe('Whether the signal holds chirps, besides its background.'),
});

export type SyntheticOptions = Readonly<z.output<typeof syntheticOptionsSchema>>;
