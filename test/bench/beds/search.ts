/**
 * The largest whole number that holds, by doubling and bisection, where all below one that holds hold too.
 *
 * @param from looked at first
 * @param atMost not looked beyond
 * @param holds is asked once for each number, and awaited
 * @returns 0 where not even 1 holds
 */
export async function mostThatHold(
  holds: (n: number) => Promise<boolean>,
  from: number,
  atMost = Infinity,
): Promise<number> {
  let low = 0;
  let high = Infinity;
  for (let n = Math.min(from, atMost); n > low && n < high;) {
    if (await holds(n)) low = n;
    else high = n;
    n = high === Infinity ? Math.min(2 * low, atMost) : low === 0 ? Math.floor(high / 2) : high;
  }
  while (high !== Infinity && high - low > stepAt(low)) {
    const middle = Math.floor((low + high) / 2);
    if (await holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** How exactly the limit is found: to one, or three percent. */
export function stepAt(n: number): number {
  return Math.max(1, Math.floor(n / 32));
}
