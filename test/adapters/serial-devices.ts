import { bisVistaAdapter } from '../../adapters/bis-vista/adapter.js';
import { cytonAdapter } from '../../adapters/cyton/adapter.js';
import type { Adapter } from '../../adapters/adapter.js';
import { freeEeg32Adapter } from '../../adapters/freeeeg32/adapter.js';
import { modularEegAdapter } from '../../adapters/modulareeg/adapter.js';
import { startCyton } from './cyton-rig.js';
import { startBisVista, startFreeEeg32, startModularEeg } from './small-device-rigs.js';
import type { LiveRig } from './live-conformance.js';

/** A kind of serial device, and how to start one that can be ill-treated. */
export interface SerialDevice {
  readonly adapter: Adapter<unknown>;
  readonly start: () => Promise<LiveRig<unknown>>;
}

function device<Options>(adapter: Adapter<Options>, start: () => Promise<LiveRig<Options>>): SerialDevice {
  return { adapter: adapter, start };
}

/** Every kind of serial device; `conformance-serial-...test.ts` try each one by its name here. */
export const SERIAL_DEVICES = {
  cyton: device(cytonAdapter, () => startCyton()),
  'cyton with Daisy': device(cytonAdapter, () => startCyton({ hasDaisy: true })),
  'bis-vista': device(bisVistaAdapter, startBisVista),
  freeeeg32: device(freeEeg32Adapter, startFreeEeg32),
  modulareeg: device(modularEegAdapter, startModularEeg),
};
