/** A 95 % confidence interval. */
export interface ConfidenceInterval {
  readonly low: number;
  readonly high: number;
}

/** Of the standard normal distribution, at 97.5 %. */
const Z = 1.959963984540054;
const TAIL = 0.025;

/** Wilson's score interval of a share; undefined where nothing was counted. */
export function wilsonInterval(nHits: number, n: number): ConfidenceInterval | undefined {
  if (n === 0) return undefined;
  const share = nHits / n;
  const centre = share + (Z * Z) / (2 * n);
  const half = Z * Math.sqrt((share * (1 - share)) / n + (Z * Z) / (4 * n * n));
  const scale = 1 + (Z * Z) / n;
  return {
    low: nHits === 0 ? 0 : Math.max(0, (centre - half) / scale),
    high: nHits === n ? 1 : Math.min(1, (centre + half) / scale),
  };
}

/** The exact interval of a Poisson mean of which `count` were seen (Garwood 1936). */
export function poissonInterval(count: number): ConfidenceInterval {
  const top = count + 10 * Math.sqrt(count + 1) + 10;
  return {
    low: count === 0 ? 0 : bisect(0, count, (mean) => 1 - poissonAtMost(count - 1, mean) < TAIL),
    high: bisect(count, top, (mean) => poissonAtMost(count, mean) > TAIL),
  };
}

/** Probability of at most `count` events where `mean` are expected. */
function poissonAtMost(count: number, mean: number): number {
  if (mean === 0) return 1;
  // From the most likely term outwards, so that neither end of the sum underflows.
  const peak = Math.min(count, Math.floor(mean));
  const largest = Math.exp(peak * Math.log(mean) - mean - logFactorial(peak));
  let sum = largest;
  for (let k = peak, term = largest; k > 0 && term > 0; k--) sum += term *= k / mean;
  for (let k = peak + 1, term = largest; k <= count; k++) sum += term *= mean / k;
  return Math.min(1, sum);
}

function logFactorial(n: number): number {
  let sum = 0;
  for (let k = 2; k <= n; k++) sum += Math.log(k);
  return sum;
}

/** Where `isBelow` turns from true to false. */
function bisect(from: number, to: number, isBelow: (x: number) => boolean): number {
  let [low, high] = [from, to];
  for (let i = 0; i < 100 && high - low > 1e-12 * high; i++) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
