import type { AdapterItem } from '../../pipelines/core/signal.js';
import type { Adapter } from '../adapter.js';
import { serialStream } from '../serial/stream.js';
import { CYTON_BAUD_RATE } from './board.js';
import type { CytonOptions } from './options.js';
import { CytonTalk } from './talk.js';

/** OpenBCI Cyton, with or without Daisy, over its dongle. Errors: see adapters/README.md. */
export const cytonAdapter: Adapter<CytonOptions> = {
  kind: 'cyton',
  open: (options) =>
    serialStream({
      port: options.port,
      baudRate: CYTON_BAUD_RATE,
      silenceSeconds: options.silenceSeconds,
      model: 'Cyton',
      createTalk: (emit: (item: AdapterItem) => void) => new CytonTalk(options, emit),
    }),
};
