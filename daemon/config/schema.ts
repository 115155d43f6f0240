import { z } from 'zod';
import { ADAPTER_KINDS, ADAPTERS, type AdapterKind } from '../../adapters/registry.js';
import { PROFILE_NAMES } from '../../pipelines/core/profile.js';
import { alarmRulesSchema, alarmsSchema } from '../alarms/patient/alarm-rule.js';
import { influxSchema } from '../influx/influx-schema.js';
import { lslOutletsSchema } from '../lsl/options.js';
import { isTimeZone } from './time-zone.js';

const serverSchema = z.strictObject({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address to listen on. 127.0.0.1: this machine only; 0.0.0.0: everybody who can reach it.'),
  port: z
    .int()
    .min(0)
    .max(65535)
    .default(4180)
    .describe('TCP port of the board, HTTP and WebSocket. 0: any free port.'),
  allowedHosts: z
    .array(z.string().regex(/^[\w.-]+$/, 'a host name such as eeg.example.org'))
    .default([])
    .describe("Names under which browsers reach the daemon, beside localhost, addresses and the machine's own name."),
  allowedOrigins: z
    .array(z.string().regex(/^https?:\/\/[^/]+$/, 'an origin such as https://board.example.org'))
    .default([])
    .describe('Other sites whose pages may connect.'),
  tls: z
    .strictObject({
      certificate: z.string().min(1).describe('PEM file: the certificate, then those between it and the authority.'),
      key: z.string().min(1).describe('PEM file of its private key.'),
    })
    .optional()
    .describe('HTTPS and WSS, on the same port. Files that change are read anew. Left out: HTTP.'),
  authentication: z
    .enum(['tokens', 'none'])
    .optional()
    .describe('Whether a token is asked for. Left out: as soon as there is one (chirpd token add).'),
  tokens: z
    .string()
    .min(1)
    .optional()
    .describe('File of the tokens, as chirpd token keeps it. Left out: tokens.json in the data folder.'),
  sessionHours: z
    .number()
    .min(0.01)
    .max(8760)
    .default(12)
    .describe('How long a board stays logged in before it asks for the token again.'),
  insecure: z
    .boolean()
    .default(false)
    .describe('true: listen on other addresses than those of this machine without TLS or tokens, with an open alarm.'),
});

const unitSchema = z.strictObject({
  timeZone: z
    .string()
    .refine(isTimeZone, 'the IANA name of a zone, such as Europe/Berlin, America/New_York, Asia/Kolkata or UTC')
    .optional()
    .describe('Zone in which boards show the times of live beds, by its IANA name. Left out: that of this machine.'),
});

const threadsSchema = z.union([z.int().min(1).max(64), z.literal('auto')], {
  error: 'a whole number from 1 to 64, or auto',
});

const modelSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]+$/, 'letters, digits, dots and dashes')
    .default('chirp-vit-96')
    .describe('Which of the models that come with chirpd.'),
  path: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of another released model (manifest.json and ONNX file), instead of name.'),
  variant: z
    .string()
    .regex(/^[\w.-]+$/, 'letters, digits, dots and dashes')
    .default('float32')
    .describe('Form of its weights: float32, or int8 (a third of the size; tells the same, bit for bit).'),
  adapters: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of further adapters (slow.adapter for the profile slow); files may come, change and go.'),
  threads: threadsSchema
    .default('auto')
    .describe(
      'CPU threads of the inference process, or auto: half of the cores, at most 8. The daemon wants the others.',
    ),
  batch: z.int().min(1).max(1024).default(32).describe('Canvases that are looked at together at most.'),
  providers: z
    .array(z.enum(['cuda', 'webgpu', 'cpu']))
    .min(1)
    .default(['cpu'])
    .describe('What may run the model; the first that loads and gives the right outputs does.'),
});

export const presenceSchema = z.number().min(0.05).max(0.99);

const recordingSchema = z.strictObject({
  folder: z
    .string()
    .min(1)
    .optional()
    .describe('Folder into which beds are recorded, as BDF+ files of an hour each. Left out: nothing is recorded.'),
  keepDays: z
    .number()
    .min(0.01)
    .max(36_500)
    .optional()
    .describe('Recordings written longer ago are deleted. Left out: none is, for its age.'),
  keepGigabytes: z
    .number()
    .min(0.001)
    .max(1_000_000)
    .optional()
    .describe('The oldest recordings are deleted until all together are no larger. Left out: none is, for its size.'),
});

const replaysSchema = z.strictObject({
  folders: z
    .array(z.string().min(1))
    .optional()
    .describe(
      'Folders whose recordings may be replayed in the running daemon (/v1/replays). Left out: that of recording alone.',
    ),
  max: z.int().min(0).max(64).default(4).describe('Replays that may run at the same time. 0: none.'),
});

const detectionSchema = z.strictObject({
  presence: presenceSchema
    .default(0.8)
    .describe('Presence probability from which on a detection counts. Lower finds more and invents more.'),
  confirmSteps: z
    .int()
    .min(1)
    .max(4)
    .default(2)
    .describe('Of four detection steps in a row, how many must show a chirp before it is told. Fewer tell sooner.'),
});

const timelineSchema = z.strictObject({
  keepDays: z
    .number()
    .min(1)
    .max(36_500)
    .default(400)
    .describe(
      'Events, gaps and stream changes are deleted so many days after they were written, once InfluxDB has them where there is one.',
    ),
  keepMegabytes: z
    .number()
    .min(10)
    .max(1_000_000)
    .default(4000)
    .describe('And the oldest sooner, where all of them take more than this, even if InfluxDB has not got them.'),
});

const journalSchema = z.strictObject({
  minutes: z
    .union([z.literal(0), z.number().min(3).max(120)], { error: '0, or a number from 3 to 120' })
    .default(10)
    .describe(
      'Samples of each live device that are kept on disk, so that a restart goes on where it was. 0: none; a restart is then blind until a canvas is full again.',
    ),
});

const historySchema = z.strictObject({
  hours: z
    .union([z.literal(0), z.number().min(1).max(24)], { error: '0, or a number from 1 to 24' })
    .default(24)
    .describe('Spectrum and trends of each bed that are kept on disk as averages over 10 s. 0: none.'),
});

/** `kind` and the options of that kind, as the adapter itself declares them. */
const adapterSchema = z.discriminatedUnion(
  'kind',
  ADAPTER_KINDS.map((kind) => {
    const { optionsSchema, title } = ADAPTERS[kind];
    return optionsSchema.extend({ kind: z.literal(kind).describe(title) });
  }) as unknown as readonly [z.ZodObject<{ kind: z.ZodLiteral<AdapterKind> }, z.core.$loose>],
  { error: `one of ${ADAPTER_KINDS.join(', ')} is needed` },
);

/** Control characters would break log lines, tables and terminals. */
const BED_NAME = /^[^\p{C}]+$/u;

export const bedNameSchema = z
  .string()
  .min(1)
  .max(64)
  .regex(BED_NAME, 'no control characters')
  .refine((name) => name.trim() === name, 'no space at either end');

export const speedSchema = z.union([z.number().min(0.1).max(1000), z.literal('max')], {
  error: 'a number from 0.1 to 1000, or max',
});

export const montageSchema = z.union(
  [z.enum(['auto', 'average', 'bipolar', 'recorded']), z.array(z.string().min(1)).min(1)],
  { error: 'auto, average, bipolar, recorded, or a list of derivations such as [F7-T7, T7-P7]' },
);

export const profileSchema = z.enum(PROFILE_NAMES);

export const bedSchema = z.strictObject({
  name: bedNameSchema.describe('Unique name, as the board and every event show it. No name of a patient.'),
  adapter: adapterSchema.describe('Where the signal comes from: its kind, and the options of that kind.'),
  speed: speedSchema
    .default(1)
    .describe(
      'Times real time at which a recording or synthetic signal comes in, or max. A live device takes no notice.',
    ),
  montage: montageSchema
    .default('auto')
    .describe(
      'Derivations to look at: auto, average (each electrode against the common average), bipolar (longitudinal, double banana), recorded, or a list such as [F7-T7, T7-P7].',
    ),
  profiles: z
    .array(profileSchema)
    .min(1)
    .refine((profiles) => new Set(profiles).size === profiles.length, 'the same profile twice')
    .default(['slow'])
    .describe('Band profiles: slow 0-16 Hz, scalp 0-32 Hz, wide 0-128 Hz over a minute, fast 0-128 Hz over 15 s.'),
  mainsHz: z
    .union([z.literal(50), z.literal(60), z.literal('off')], { error: '50, 60 or off' })
    .default('off')
    .describe('Mains frequency to take out with a notch filter, or off.'),
  alarmRules: alarmRulesSchema
    .optional()
    .describe('Rules of this bed in place of those of `alarms`; an empty list: none.'),
  record: z.boolean().default(true).describe('Whether this bed is recorded, where `recording` has a folder.'),
});

/** The one description of a config file: types, defaults, bounds and help texts. Unknown keys are refused. */
export const configSchema = z.strictObject({
  server: serverSchema.prefault({}).describe('The board, HTTP and WebSocket.'),
  unit: unitSchema.prefault({}).describe('Where the beds are.'),
  data: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of the timeline. Left out: $STATE_DIRECTORY, $XDG_STATE_HOME/chirpd or ~/.local/state/chirpd.'),
  model: modelSchema.prefault({}).describe('The neural network.'),
  detection: detectionSchema.prefault({}).describe('When a detection becomes an event.'),
  alarms: alarmsSchema.prefault({}).describe('Alarms about the patients. Technical ones need no rule.'),
  lsl: lslOutletsSchema.prefault({}).describe('What is offered on the Lab Streaming Layer.'),
  timeline: timelineSchema.prefault({}).describe('How long what happened is kept.'),
  journal: journalSchema.prefault({}).describe('What a daemon that starts again goes on from.'),
  history: historySchema.prefault({}).describe('What of the last hours is shown at a glance.'),
  influx: influxSchema
    .optional()
    .describe(
      'Events, trends and health into InfluxDB as well. Left out: off. Events of files named on the command line never go there.',
    ),
  recording: recordingSchema.prefault({}).describe('Keeping the signal.'),
  replays: replaysSchema.prefault({}).describe('Recordings that are replayed while the daemon runs.'),
  beds: z.array(bedSchema).min(1).max(256).describe('One entry for each bed.'),
});

/** Every setting after defaults. */
export type Config = Readonly<z.output<typeof configSchema>>;
/** As a person writes it, defaults left out. */
export type ConfigInput = z.input<typeof configSchema>;
export type BedConfig = Config['beds'][number];
export type AdapterConfig = BedConfig['adapter'];
export type Speed = z.output<typeof speedSchema>;
export type Montage = z.output<typeof montageSchema>;
