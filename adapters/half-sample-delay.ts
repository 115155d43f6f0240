/** Samples on either side that an interpolated one is made of, where they are there. */
export const HALF_REACH = 10;

/** Weights for a stretch of `2 * reach` samples, outermost first, of the value in its middle. */
const WEIGHTS = Array.from({ length: HALF_REACH }, (_, i) => halfSampleWeights(i + 1));

/**
 * A sine interpolator under a Kaiser window, halfway between samples, and normalised to pass a constant. Symmetric, so
 * its phase is exact at every frequency.
 */
function halfSampleWeights(reach: number): Float64Array {
  const beta = 5;
  const weights = Float64Array.from({ length: 2 * reach }, (_, i) => {
    const distance = i - reach + 0.5;
    const sinc = Math.sin(Math.PI * distance) / (Math.PI * distance);
    return (sinc * bessel(beta * Math.sqrt(1 - (distance / reach) ** 2))) / bessel(beta);
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function bessel(x: number): number {
  let sum = 1;
  for (let k = 1, term = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/**
 * The value halfway between samples `after - 1` and `after`. Near an end of what there is, fewer samples take part:
 * the time stays exact, high frequencies are damped more.
 * @param sample values at whole places, from `from` to `to - 1`; at least one on either side
 */
export function halfway(sample: (place: number) => number, after: number, from: number, to: number): number {
  const reach = Math.min(HALF_REACH, after - from, to - after);
  const weights = WEIGHTS[reach - 1]!;
  let sum = 0;
  for (let i = 0; i < 2 * reach; i++) sum += weights[i]! * sample(after - reach + i);
  return sum;
}
