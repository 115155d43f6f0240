import type { Adapter } from '../adapter.js';
import { CountedDeviceTalk } from '../serial/counted-device.js';
import { serialStream } from '../serial/stream.js';
import type { ModularEegOptions } from './options.js';
import { MODULAREEG_BAUD_RATE, modularEeg } from './packet.js';

/** ModularEEG of the OpenEEG project with firmware that speaks P2. Errors: see adapters/README.md. */
export const modularEegAdapter: Adapter<ModularEegOptions> = {
  kind: 'modulareeg',
  open: (options) =>
    serialStream({
      port: options.port,
      baudRate: MODULAREEG_BAUD_RATE,
      silenceSeconds: options.silenceSeconds,
      model: 'ModularEEG',
      createTalk: (emit) => new CountedDeviceTalk(modularEeg(options.microvoltsPerCount), options, emit),
    }),
};
