import type { Adapter } from '../adapter.js';
import { CountedDeviceTalk } from '../serial/counted-device.js';
import { serialStream } from '../serial/stream.js';
import type { FreeEeg32Options } from './options.js';
import { FREEEEG32_BAUD_RATE, freeEeg32 } from './packet.js';

/** FreeEEG32 over USB. Errors: see adapters/README.md. */
export const freeEeg32Adapter: Adapter<FreeEeg32Options> = {
  kind: 'freeeeg32',
  open: (options) =>
    serialStream({
      port: options.port,
      baudRate: FREEEEG32_BAUD_RATE,
      silenceSeconds: options.silenceSeconds,
      model: 'FreeEEG32',
      createTalk: (emit) => new CountedDeviceTalk(freeEeg32(options.packetBytes), options, emit),
    }),
};
