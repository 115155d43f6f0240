import { lslOptionsSchema, type LslOptions } from '../../../adapters/lsl/options.js';
import type { LiveRig } from '../live-conformance.js';
import { Laboratory } from './liblsl.js';

const N_CHANNELS = 8;
const SAMPLE_RATE = 250;

/** A real liblsl outlet on the loopback; its transport is TCP, so that no bytes can be damaged on the way. */
export async function lslRig(): Promise<LiveRig<LslOptions>> {
  const lab = new Laboratory();
  const outletOptions = {
    name: 'Rig',
    sourceId: 'rig-1',
    nChannels: N_CHANNELS,
    sampleRate: SAMPLE_RATE,
    labels: Array.from({ length: N_CHANNELS }, (_, i) => `E${i + 1}`),
  };
  let outlet = await lab.outlet(outletOptions);
  return {
    options: lslOptionsSchema.parse({
      sourceId: 'rig-1',
      unit: 'microvolts',
      silenceSeconds: 2,
      findSeconds: 2,
      ...lab.network,
    }),
    // See lsl_outlet.py: half-microvolt steps, and each channel one above the one before.
    isSent: ([first = NaN, ...others]) =>
      Number.isInteger(first * 2) && first < 2500 && others.every((value, i) => value === first + i + 1),
    pause: () => {
      outlet.tell('pause');
    },
    resume: () => {
      outlet.tell('resume');
    },
    lose: (nSamples) => {
      outlet.tell(`lose ${nSamples}`);
      return nSamples;
    },
    hangUp: () => outlet.kill(),
    replug: async () => {
      outlet = await lab.outlet(outletOptions);
    },
    stop: () => lab.stop(),
  };
}
