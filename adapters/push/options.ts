import { z } from 'zod';

export const pushOptionsSchema = z.strictObject({
  channels: z
    .array(z.string().min(1).max(64))
    .min(1)
    .max(256)
    .optional()
    .describe('Labels that the pusher must send, in this order; others are refused. Left out: as the pusher says.'),
  sampleRate: z
    .number()
    .min(1)
    .max(100_000)
    .optional()
    .describe('Samples per second and channel that the pusher must send, Hz. Left out: as the pusher says.'),
  silenceSeconds: z
    .number()
    .min(0.5)
    .max(3600)
    .default(10)
    .describe('A connected pusher that sends no sample for this long is given up, seconds.'),
  resumeSeconds: z
    .number()
    .min(0)
    .max(3600)
    .default(5)
    .describe('A pusher whose connection broke and that is not back within this time is lost, seconds.'),
  waitSeconds: z
    .number()
    .min(0.5)
    .max(86_400)
    .optional()
    .describe('How long to wait for a first pusher, seconds, before that is an error. Left out: for ever.'),
});

export type PushOptions = Readonly<z.output<typeof pushOptionsSchema>>;
