import { z } from 'zod';

/** Basic authentication ends a user name at its first colon. */
const USERNAME = /^[^\p{C}:]+$/u;
const PLAIN_NAME = /^[\w.-]+$/;

/** Names that points have anyway. */
const OWN_TAGS: ReadonlySet<string> = new Set([
  'adapter',
  'bed',
  'code',
  'derivation',
  'kind',
  'model',
  'phase',
  'priority',
  'profile',
  'reason',
  'state',
  'time',
  'timeline',
  'what',
]);

const urlSchema = z.string().refine(isServerUrl, 'an address such as http://127.0.0.1:8086, without user and password');

/** Section `influx` of the config. */
export const influxSchema = z.strictObject({
  url: urlSchema.describe('Address of InfluxDB, such as http://127.0.0.1:8086, without user and password.'),
  database: z
    .string()
    .max(64)
    .regex(PLAIN_NAME, 'letters, digits, dots and dashes')
    .default('chirpd')
    .describe('Database; made if it is missing and the user may.'),
  username: z
    .string()
    .max(128)
    .regex(USERNAME, 'no colon and no control characters')
    .optional()
    .describe('User. Left out: no authentication.'),
  passwordFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File that holds nothing but the password, or credential:NAME of a systemd service. Left out: environment variable CHIRPD_INFLUX_PASSWORD.',
    ),
  manageDatabase: z
    .boolean()
    .default(true)
    .describe('Make the database and set its retention. false: somebody else does (InfluxDB 2 and 3).'),
  retention: z
    .string()
    .regex(/^(?:[1-9]\d{0,3}[dw]|forever)$/, 'a number of days or weeks such as 90d or 52w, or forever')
    .optional()
    .describe('How long the database keeps points: 90d, 52w or forever. Left out: as the database has it.'),
  batchSize: z.int().min(10).max(5000).default(250).describe('Most timeline records in one write.'),
  timeoutSeconds: z.number().min(1).max(120).default(10).describe('How long InfluxDB may take for an answer.'),
  maxQueuedPoints: z
    .int()
    .min(1000)
    .max(1_000_000)
    .default(50_000)
    .describe(
      'Most points of trends and health held in memory while InfluxDB takes none; past it the oldest are dropped and counted. Events wait in the timeline and are never dropped.',
    ),
  tags: z
    .record(z.string().regex(/^[A-Za-z]\w{0,31}$/, 'a name such as unit'), z.string().regex(/^[\w. -]{1,64}$/))
    .refine((tags) => Object.keys(tags).every((name) => !OWN_TAGS.has(name)), 'a tag that chirpd sets itself')
    .default({})
    .describe('Further tags of every point, such as unit: icu-1 where several daemons share a database.'),
});

export type InfluxConfig = Readonly<z.output<typeof influxSchema>>;

function isServerUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && [username, password, search, hash].every((s) => s === '');
}
