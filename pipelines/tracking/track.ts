import type { Cluster } from './cluster.js';
import { type Ridge, sweptHz, weightedMedian } from './ridge.js';

/** How the estimates of one step count: certain and recent ones most. */
interface Sighting {
  readonly cluster: Cluster;
  readonly column: number;
  /** The onset was inside the canvas, not cut off by its left edge nor behind what was told already. */
  readonly onsetInside: boolean;
  readonly ended: boolean;
}

/** All that a track knows, as plain data: what outlives the process. */
export interface TrackState {
  /** Their clusters have no members: those count when a cluster is seen, and never again. */
  readonly sightings: readonly Sighting[];
  readonly frozenOnset?: { readonly onsetSeconds: number; readonly startHz: number };
  /** Up to where it had been seen when it was told first. */
  readonly toldUntilSeconds?: number;
  readonly derivationScores: readonly (readonly [derivation: number, presence: number])[];
  readonly lastColumn: number;
  readonly bestPresence: number;
}

/** Newest sightings that the estimates rest on. */
const MAX_SIGHTINGS = 12;

/** One chirp followed over detection steps: its sightings, and the ridge that they agree on. */
export class Track {
  private readonly sightings: Sighting[];
  private frozenOnset: TrackState['frozenOnset'];
  private toldUntilSeconds: number | undefined;
  private readonly derivationScores: Map<number, number>;
  /** Column of the newest sighting; -1 before the first. */
  lastColumn: number;
  bestPresence: number;

  /** @param state of a track that goes on; left out: a new one */
  constructor(state?: TrackState) {
    this.sightings = [...(state?.sightings ?? [])];
    this.frozenOnset = state?.frozenOnset;
    this.toldUntilSeconds = state?.toldUntilSeconds;
    this.derivationScores = new Map(state?.derivationScores);
    this.lastColumn = state?.lastColumn ?? -1;
    this.bestPresence = state?.bestPresence ?? 0;
  }

  state(): TrackState {
    const { lastColumn, bestPresence, frozenOnset, toldUntilSeconds } = this;
    return {
      sightings: this.sightings.map((seen) => ({ ...seen, cluster: { ...seen.cluster, members: [] } })),
      ...(frozenOnset && { frozenOnset }),
      ...(toldUntilSeconds !== undefined && { toldUntilSeconds }),
      derivationScores: [...this.derivationScores],
      lastColumn,
      bestPresence,
    };
  }

  /** It is told for the first time: what was seen of it so far stays seen. */
  told(): void {
    this.toldUntilSeconds ??= this.ridge().offsetSeconds;
  }

  /**
   * @param isWhole false where the canvas's left edge cut the ridge, so that its onset must be remembered
   */
  see(cluster: Cluster, column: number, isWhole: boolean): void {
    // Behind all that was told of it, a ridge that a gap or a fading has cut seems to begin anew.
    const onsetInside = isWhole && cluster.onsetSeconds <= (this.toldUntilSeconds ?? Infinity);
    if (!onsetInside && this.frozenOnset === undefined && this.sightings.some((s) => s.onsetInside)) {
      const { onsetSeconds, startHz } = this.ridge();
      this.frozenOnset = { onsetSeconds, startHz };
    }
    this.sightings.push({ cluster, column, onsetInside, ended: cluster.running < 0.5 });
    if (this.sightings.length > MAX_SIGHTINGS) this.sightings.shift();
    this.lastColumn = column;
    this.bestPresence = Math.max(this.bestPresence, cluster.presence);
    for (const m of cluster.members) {
      this.derivationScores.set(m.derivation, Math.max(m.presence, this.derivationScores.get(m.derivation) ?? 0));
    }
  }

  get newest(): Cluster {
    const last = this.sightings.at(-1);
    if (!last) throw new RangeError('a track without sightings');
    return last.cluster;
  }

  /** Sightings of at least this presence among the last `n` steps that saw it. */
  countStrong(presence: number, n: number): number {
    return this.sightings.slice(-n).filter((s) => s.cluster.presence >= presence).length;
  }

  /** True once the last `n` sightings all say that the ridge has ended. */
  saysEnded(n: number): boolean {
    return this.sightings.length >= n && this.sightings.slice(-n).every((s) => s.ended);
  }

  /** Best presence per derivation index, over the track's whole life. */
  derivations(): readonly { readonly derivation: number; readonly presence: number }[] {
    return [...this.derivationScores]
      .map(([derivation, presence]) => ({ derivation, presence }))
      .sort((a, b) => b.presence - a.presence || a.derivation - b.derivation);
  }

  /** The ridge: medians over sightings, weighted by presence and certainty; the end by the newest sightings alone. */
  ridge(): Ridge {
    const all = this.sightings;
    const over = (pick: (c: Cluster) => number, spread: (c: Cluster) => number, from: readonly Sighting[]): number =>
      weightedMedian(
        from.map((s) => pick(s.cluster)),
        from.map((s) => s.cluster.presence / (spread(s.cluster) + 0.05)),
      );
    const whole = all.filter((s) => s.onsetInside);
    const starts = whole.length > 0 ? whole : all;
    const latest = all.slice(-8);
    const ended = latest.filter((s) => s.ended);
    const ends = all.at(-1)?.ended ? ended : all.slice(-1);
    const onsetSeconds =
      this.frozenOnset?.onsetSeconds ??
      over(
        (c) => c.onsetSeconds,
        (c) => c.onsetSpread,
        starts,
      );
    const offsetSeconds = over(
      (c) => c.offsetSeconds,
      (c) => c.offsetSpread,
      ends,
    );
    return {
      onsetSeconds,
      offsetSeconds: Math.max(offsetSeconds, onsetSeconds),
      startHz:
        this.frozenOnset?.startHz ??
        over(
          (c) => c.startHz,
          (c) => c.startSpread,
          starts,
        ),
      middleHz: over(
        (c) => c.middleHz,
        (c) => c.startSpread,
        ends,
      ),
      endHz: over(
        (c) => c.endHz,
        (c) => c.endSpread,
        ends,
      ),
    };
  }

  sweptHz(): number {
    return sweptHz(this.ridge());
  }
}
