import type { Gap, SampleBlock } from '../../pipelines/core/signal.js';
import type { ValueOf } from './sample-reader.js';
import type { LslSelection } from './select.js';

/** Collects samples until they are taken out as blocks. */
export class BlockBuilder {
  readonly #places: LslSelection['places'];
  /** One array per channel, with room for more samples than are in it. */
  #columns: Float32Array[];
  /** Whether a sample is a number on every channel. */
  readonly #isWhole: boolean[] = [];
  #nextSample = 0;

  constructor(selection: LslSelection, capacity: number) {
    this.#places = selection.places;
    this.#columns = selection.places.map(() => new Float32Array(Math.max(1, Math.ceil(capacity))));
  }

  /** Samples that wait. */
  get nWaiting(): number {
    return this.#isWhole.length;
  }

  /** The first sample after all that was taken out. */
  get nextSample(): number {
    return this.#nextSample;
  }

  /** Returns a channel that is no number, -1 where all are. */
  add(valueOf: ValueOf): number {
    const row = this.#isWhole.length;
    if (row === this.#columns[0]!.length) this.#grow();
    let bad = -1;
    for (let i = 0; i < this.#places.length; i++) {
      const { index, scale } = this.#places[i]!;
      const column = this.#columns[i]!;
      column[row] = valueOf(index) * scale;
      if (!Number.isFinite(column[row])) bad = i;
    }
    this.#isWhole.push(bad < 0);
    return bad;
  }

  /** The first `n` samples that wait: blocks, and gaps where a sample is not a number. */
  take(n: number): readonly (SampleBlock | Gap)[] {
    const items: (SampleBlock | Gap)[] = [];
    for (let from = 0; from < n;) {
      const isWhole = this.#isWhole[from]!;
      let to = from + 1;
      while (to < n && this.#isWhole[to] === isWhole) to++;
      const firstSample = this.#nextSample + from;
      if (isWhole)
        items.push({ type: 'block', firstSample, samples: this.#columns.map((column) => column.slice(from, to)) });
      else items.push({ type: 'gap', firstSample, nSamples: to - from, reason: 'lost-packets' });
      from = to;
    }
    for (const column of this.#columns) column.copyWithin(0, n, this.#isWhole.length);
    this.#isWhole.splice(0, n);
    this.#nextSample += n;
    return items;
  }

  /** Samples that never came: between those taken out and those that wait. */
  skip(nSamples: number): Gap {
    const gap: Gap = { type: 'gap', firstSample: this.#nextSample, nSamples, reason: 'lost-packets' };
    this.#nextSample += nSamples;
    return gap;
  }

  #grow(): void {
    this.#columns = this.#columns.map((column) => {
      const larger = new Float32Array(2 * column.length);
      larger.set(column);
      return larger;
    });
  }
}
