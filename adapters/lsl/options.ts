import { z } from 'zod';
import { lslNetworkShape } from './network.js';

/** Units that a person may state for a stream that tells none. */
const STATED_UNITS = ['microvolts', 'nanovolts', 'millivolts', 'volts'] as const;

const text = z.string().min(1).max(1024);

export const lslOptionsSchema = z.strictObject({
  name: text.optional().describe('Name of the stream.'),
  type: text
    .optional()
    .describe('Content type of the stream; EEG where neither name, sourceId nor predicate is given.'),
  sourceId: text
    .optional()
    .describe(
      'Source id of the stream: what stays the same when its program starts again. The surest way to name one.',
    ),
  predicate: text
    .optional()
    .describe(
      "XPath condition on the stream's info, such as starts-with(name,'BioSemi') and count(desc/channels) > 0.",
    ),
  hosts: z
    .array(z.string().min(1).max(253))
    .max(32)
    .default([])
    .describe('Computers to ask by name or address, where multicast does not get through.'),
  channels: z
    .enum(['auto', 'all'])
    .default('auto')
    .describe('auto: EEG channels. all: every channel that is a voltage.'),
  exclude: z
    .array(z.string().min(1))
    .default([])
    .describe('Labels of channels to leave out, as the stream writes them.'),
  unit: z
    .enum(STATED_UNITS)
    .optional()
    .describe('Unit of channels that state none. Left out: a stream of such channels is refused.'),
  findSeconds: z.number().min(0.5).max(60).default(5).describe('How long to look for the stream.'),
  silenceSeconds: z
    .number()
    .min(1)
    .max(600)
    .default(5)
    .describe('Seconds without a sample after which the stream counts as lost.'),
  ...lslNetworkShape,
});

export type LslOptions = Readonly<z.output<typeof lslOptionsSchema>>;
