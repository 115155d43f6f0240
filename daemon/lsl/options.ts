import { z } from 'zod';
import { lslNetworkShape } from '../../adapters/lsl/network.js';

/** What the daemon offers on the Lab Streaming Layer. Anybody on the network may read it: nothing is offered unasked. */
export const lslOutletsSchema = z.strictObject({
  events: z
    .boolean()
    .default(false)
    .describe('Offer chirp events as a stream of markers. Whoever is on the network can read it.'),
  trends: z
    .boolean()
    .default(false)
    .describe('Offer the trends of each bed as a stream. Whoever is on the network can read it.'),
  name: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[^'"\p{C}]+$/u, 'no quotes and no control characters')
    .default('chirpd')
    .describe('First word of the names of these streams: another one for each daemon of a network.'),
  ...lslNetworkShape,
});

export type LslOutletsOptions = Readonly<z.output<typeof lslOutletsSchema>>;
