/** What something costs that grows with the number of beds: `base + perBed * n`. */
export interface Growth {
  readonly base: number;
  readonly perBed: number;
  /** Furthest of the points from the line, percent of the line's value there. */
  readonly worstPercent: number;
}

/**
 * The line through (beds, cost) that is nearest in proportion, so that one bed counts as much as the limit.
 *
 * @param points two or more, of different numbers of beds, costs above 0
 */
export function growthOf(points: readonly (readonly [nBeds: number, cost: number])[]): Growth {
  let [w, wx, wxx, wy, wxy] = [0, 0, 0, 0, 0];
  for (const [x, y] of points) {
    const weight = 1 / y ** 2;
    w += weight;
    wx += weight * x;
    wxx += weight * x * x;
    wy += weight * y;
    wxy += weight * x * y;
  }
  const perBed = (w * wxy - wx * wy) / (w * wxx - wx * wx);
  const base = (wy - perBed * wx) / w;
  const off = points.map(([x, y]) => Math.abs(100 * (y / (base + perBed * x) - 1)));
  return { base, perBed, worstPercent: Math.max(...off) };
}
