import type { InfluxPoint } from './influx-point.js';

/** Points that need not last, in the order in which they came, within a bound: the oldest give way and are counted. */
export class PointQueue {
  readonly #maxPoints: number;
  readonly #groups: (readonly InfluxPoint[])[] = [];
  #nPoints = 0;
  #nDropped = 0;

  constructor(maxPoints: number) {
    this.#maxPoints = maxPoints;
  }

  get nPoints(): number {
    return this.#nPoints;
  }

  /** Points dropped since the start. */
  get nDropped(): number {
    return this.#nDropped;
  }

  add(points: readonly InfluxPoint[]): void {
    if (points.length === 0) return;
    this.#groups.push(points);
    this.#nPoints += points.length;
    while (this.#nPoints > this.#maxPoints) this.#nDropped += this.#takeFirst();
  }

  /** The oldest points, `wanted` or a few more; they stay until `remove`. */
  oldest(wanted: number): readonly (readonly InfluxPoint[])[] {
    let n = 0;
    const end = this.#groups.findIndex((group) => (n += group.length) >= wanted);
    return end === -1 ? [...this.#groups] : this.#groups.slice(0, end + 1);
  }

  /** Takes out what `oldest` gave, as far as it has not been dropped meanwhile. */
  remove(groups: readonly (readonly InfluxPoint[])[]): void {
    const gone = new Set(groups);
    while (this.#groups[0] !== undefined && gone.has(this.#groups[0])) this.#takeFirst();
  }

  #takeFirst(): number {
    const n = this.#groups.shift()?.length ?? 0;
    this.#nPoints -= n;
    return n;
  }
}
