/** A signal whose samples give themselves away: each of its microvolts says which sample and channel it is. Exact in float32. */
const PERIOD = 2 ** 17;
const CHANNELS = 64;

export function rampMicrovolts(channel: number, sample: number): number {
  return (sample % PERIOD) * CHANNELS + channel - 2 ** 22;
}

/** Consecutive samples, one array per channel. */
export function rampBlock(nChannels: number, firstSample: number, nSamples: number): Float32Array[] {
  return Array.from({ length: nChannels }, (_, channel) => {
    const values = new Float32Array(nSamples);
    for (let i = 0; i < nSamples; i++) values[i] = rampMicrovolts(channel, firstSample + i);
    return values;
  });
}

/** Which sample this is, modulo the period; -1 for values of different samples, or of none. */
export function rampSample(microvolts: readonly number[]): number {
  const sample = ((microvolts[0] ?? NaN) + 2 ** 22) / CHANNELS;
  if (!Number.isInteger(sample) || sample < 0 || sample >= PERIOD) return -1;
  return microvolts.every((value, channel) => value === rampMicrovolts(channel, sample)) ? sample : -1;
}

export const RAMP_PERIOD = PERIOD;
