import { z } from 'zod';

/** Who is told of alarms where nobody looks at a board. */
export const webhookSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'letters, digits, dots and dashes')
    .describe('Unique; in logs and alarms, where its address does not stand.'),
  url: z
    .url({ protocol: /^https?$/, error: 'an address such as https://pager.example.org/hook' })
    .describe('Each step of an alarm is sent there by POST, as JSON. It may hold a secret: nobody is told.'),
  tokenFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File with nothing but the token of a header Authorization: Bearer, or credential:NAME of a systemd service.',
    ),
  priorities: z
    .array(z.enum(['high', 'medium', 'low']))
    .min(1)
    .default(['high'])
    .describe('Alarms that reach one of these.'),
  kinds: z
    .array(z.enum(['physiological', 'technical']))
    .min(1)
    .default(['physiological', 'technical'])
    .describe('About the patients, about chirpd and what it hangs on, or both.'),
  timeoutSeconds: z.number().min(1).max(60).default(10).describe('How long an answer may take.'),
});

export const webhooksSchema = z
  .array(webhookSchema)
  .max(16)
  .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, 'the same name twice');

export type WebhookConfig = Readonly<z.output<typeof webhookSchema>>;
