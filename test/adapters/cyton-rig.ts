import { EmulatedCyton, type EmulatedCytonOptions } from '../../adapters/cyton/emulated-board.js';
import { type CytonOptions, cytonOptionsSchema } from '../../adapters/cyton/options.js';
import { type EmulatedRig, startEmulated } from './emulated-rig.js';
import { isNumbered, NUMBERED_STEP } from './numbered-signal.js';

/**
 * An emulated Cyton with its numbered signal, for the suite of live adapters. With a Daisy each value is the mean of two
 * samples, and two packets make a sample; where packets are lost, the sample that needs the last of them goes too.
 */
export async function startCyton(
  board: Partial<Omit<EmulatedCytonOptions, 'answer'>> = {},
): Promise<EmulatedRig<CytonOptions>> {
  const hasDaisy = board.hasDaisy ?? false;
  const isNear = isNumbered(0.03);
  const rig = await startEmulated({
    createDevice: (answer) => new EmulatedCyton({ ...board, hasDaisy, answer }),
    options: (port) => cytonOptionsSchema.parse({ port }),
    isSent: (microvolts) => isNear(hasDaisy ? microvolts.map((value) => value + NUMBERED_STEP / 2) : microvolts),
  });
  if (!hasDaisy) return rig;
  return {
    ...rig,
    lose: (nSamples) => {
      rig.emulator.lose(2 * nSamples);
      return nSamples + 1;
    },
  };
}
