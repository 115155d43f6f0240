/** Value at `x` of the parabola that is `start` at 0, `middle` at 0.5 and `end` at 1: how a chirp's frequency runs. */
export function parabolaAt(start: number, middle: number, end: number, x: number): number {
  return start + (4 * middle - 3 * start - end) * x + 2 * (start + end - 2 * middle) * x * x;
}
