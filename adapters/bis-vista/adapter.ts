import type { Adapter } from '../adapter.js';
import { serialStream } from '../serial/stream.js';
import { BIS_BAUD_RATE } from './messages.js';
import type { BisVistaOptions } from './options.js';
import { BisVistaTalk } from './talk.js';

/** Raw EEG of a BIS Vista monitor set to 'Legacy Binary'; experimental. Errors: see adapters/README.md. */
export const bisVistaAdapter: Adapter<BisVistaOptions> = {
  kind: 'bis-vista',
  open: (options) =>
    serialStream({
      port: options.port,
      baudRate: BIS_BAUD_RATE,
      silenceSeconds: options.silenceSeconds,
      model: 'BIS Vista',
      createTalk: (emit) => new BisVistaTalk(options, emit),
    }),
};
