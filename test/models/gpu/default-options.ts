import type { SimulationOptions } from './simulation.js';

/**
 * Where each comes from stands in models/README.md, "A thousand beds on one GPU". The two of the GPU are computed from
 * published figures of one card, and are what `npm run gpu -- measure` finds on a machine that has one.
 */
export const DEFAULT_OPTIONS: SimulationOptions = {
  beds: 1000,
  derivations: 18,
  stepSeconds: 0.9375,
  daemons: 16,
  maxBatch: 256,
  waitMs: 0,
  maxWaiting: 4096,
  seenShare: 1,
  mainMsPerStep: 6,
  readMsPerCanvas: 0.026,
  launchMsPerBatch: 6,
  gpuMsPerCanvas: 0.036,
  seconds: 30,
  seed: 1,
};
