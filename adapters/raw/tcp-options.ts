import { z } from 'zod';
import { rawStreamSchema } from './raw-stream.js';

export const tcpOptionsSchema = z.strictObject({
  port: z.int().min(1).max(65_535).describe('TCP port to listen on.'),
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on. 127.0.0.1: this machine only.'),
  stream: rawStreamSchema
    .optional()
    .describe('What comes, for senders that do not say it. Left out: their first line says it as JSON.'),
  silenceSeconds: z
    .number()
    .min(0.5)
    .max(3600)
    .default(10)
    .describe('A connected sender that sends nothing for this long is given up, seconds.'),
  waitSeconds: z
    .number()
    .min(0.5)
    .max(86_400)
    .optional()
    .describe('How long to wait for a sender, seconds, before that is an error. Left out: for ever.'),
});

export type TcpOptions = Readonly<z.output<typeof tcpOptionsSchema>>;
