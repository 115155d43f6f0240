import { EmulatedBisVista, SAMPLES_PER_MESSAGE } from '../../adapters/bis-vista/emulated-monitor.js';
import { type BisVistaOptions, bisVistaOptionsSchema } from '../../adapters/bis-vista/options.js';
import { EmulatedFreeEeg32 } from '../../adapters/freeeeg32/emulated-board.js';
import { type FreeEeg32Options, freeEeg32OptionsSchema } from '../../adapters/freeeeg32/options.js';
import { EmulatedModularEeg } from '../../adapters/modulareeg/emulated-board.js';
import { type ModularEegOptions, modularEegOptionsSchema } from '../../adapters/modulareeg/options.js';
import { type EmulatedRig, startEmulated } from './emulated-rig.js';
import { isNumbered } from './numbered-signal.js';

/** Half a count of each device, and a little for float32. */
const HALF_COUNT = 0.51;

export function startFreeEeg32(): Promise<EmulatedRig<FreeEeg32Options>> {
  return startEmulated({
    createDevice: () => new EmulatedFreeEeg32(),
    options: (port) => freeEeg32OptionsSchema.parse({ port }),
    isSent: isNumbered(0.0373 * HALF_COUNT),
  });
}

export function startModularEeg(): Promise<EmulatedRig<ModularEegOptions>> {
  return startEmulated({
    createDevice: () => new EmulatedModularEeg(),
    options: (port) => modularEegOptionsSchema.parse({ port }),
    // A count is five steps of the signal and one from channel to channel: what is left is exact.
    isSent: isNumbered(0.01),
  });
}

export function startBisVista(): Promise<EmulatedRig<BisVistaOptions>> {
  return startEmulated({
    createDevice: (answer) => new EmulatedBisVista(answer),
    options: (port) => bisVistaOptionsSchema.parse({ port }),
    isSent: isNumbered(0.05 * HALF_COUNT),
    samplesPerPacket: SAMPLES_PER_MESSAGE,
  });
}
