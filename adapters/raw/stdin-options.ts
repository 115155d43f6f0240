import { z } from 'zod';
import { rawStreamSchema } from './raw-stream.js';

export const stdinOptionsSchema = z.strictObject({
  stream: rawStreamSchema.optional().describe('What comes. Left out: the first line says it as JSON.'),
});

export type StdinOptions = Readonly<z.output<typeof stdinOptionsSchema>>;
