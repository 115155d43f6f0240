import { z } from 'zod';

const sessionFileSchema = z.looseObject({
  kind: z.string().min(1).describe('Kind of adapter that replays it; the options of that kind may follow.'),
  path: z.string().min(1).describe('The file.'),
});

export const sessionOptionsSchema = z.strictObject({
  files: z
    .array(sessionFileSchema)
    .min(1)
    .max(10_000)
    .describe('Recordings that follow each other, in any order: their start times put them in order.'),
});

export type SessionOptions = Readonly<z.output<typeof sessionOptionsSchema>>;
export type SessionFile = SessionOptions['files'][number];
