import { type Candidate, compareRidges, overlapSeconds, type Ridge, ridgeHz, weightedMedian } from './ridge.js';

/** One ridge as several derivations show it at one detection step. */
export interface Cluster extends Ridge {
  /** The best presence among its members. */
  readonly presence: number;
  readonly running: number;
  readonly onsetSpread: number;
  readonly offsetSpread: number;
  readonly startSpread: number;
  readonly endSpread: number;
  readonly members: readonly Candidate[];
}

/** How near two ridges must run to be one: an absolute part, and a part of the frequency. */
export interface SameRidge {
  readonly hz: number;
  readonly share: number;
}

export function isSame(a: Ridge, b: Ridge, same: SameRidge): boolean {
  const compared = compareRidges(a, b);
  return compared?.ratio === 1 && compared.distanceHz <= same.hz + same.share * a.middleHz;
}

/** Between the end of one stretch of a ridge and the beginning of its next, at most. */
const JOIN_SECONDS = 2;

/** True if `later` takes up `earlier` where it ends: a long or bent chirp that the model told in two stretches. */
export function continues(earlier: Ridge, later: Ridge, same: SameRidge): boolean {
  if (later.onsetSeconds <= earlier.onsetSeconds || later.offsetSeconds <= earlier.offsetSeconds) return false;
  if (overlapSeconds(earlier, later) < -JOIN_SECONDS) return false;
  const seconds = (later.onsetSeconds + earlier.offsetSeconds) / 2;
  return Math.abs(ridgeHz(earlier, seconds) - ridgeHz(later, seconds)) <= same.hz + 0.5 * same.share * later.startHz;
}

/** True if `upper` runs along a whole multiple of `lower`: a harmonic, which belongs to its fundamental. */
export function isHarmonic(lower: Ridge, upper: Ridge, same: SameRidge): boolean {
  const compared = compareRidges(lower, upper);
  if (compared === undefined || compared.ratio < 2 || compared.ratio > 12) return false;
  // Near a high multiple everything is close to some whole ratio: the tolerance must stay well under half of one.
  return compared.distanceHz <= Math.min(same.hz * 2, 0.2 * lower.middleHz);
}

/**
 * Groups the candidates of all derivations by ridge, strongest first; ridges along the harmonics of a stronger or
 * equally strong one are left to it.
 */
export function clusterCandidates(candidates: readonly Candidate[], same: SameRidge): Cluster[] {
  const groups: { seed: Candidate; members: Candidate[] }[] = [];
  const byPresence = [...candidates].sort((a, b) => b.presence - a.presence || a.derivation - b.derivation);
  for (const candidate of byPresence) {
    const home = groups.find((g) => isSame(g.seed, candidate, same));
    if (!home) groups.push({ seed: candidate, members: [candidate] });
    else if (!home.members.some((m) => m.derivation === candidate.derivation)) home.members.push(candidate);
  }
  const clusters = joinStretches(
    mergeSame(
      groups.map((g) => summarise(g.members)),
      same,
    ),
    same,
  );
  // A fundamental may be the fainter ridge, but not so faint as to be doubtful.
  return clusters.filter(
    (c) => !clusters.some((o) => o !== c && o.presence >= 0.6 * c.presence && isHarmonic(o, c, same)),
  );
}

/** A ridge may be told in full by some derivations and in part by others: one cluster, as the fuller telling has it. */
function mergeSame(clusters: readonly Cluster[], same: SameRidge): Cluster[] {
  const merged: Cluster[] = [];
  for (const cluster of clusters) {
    const at = merged.findIndex((m) => isSame(m, cluster, same));
    const stronger = merged[at];
    if (!stronger) {
      merged.push(cluster);
      continue;
    }
    const isFuller = duration(cluster) > duration(stronger) && cluster.presence >= 0.6 * stronger.presence;
    const members = bestMembers([...stronger.members, ...cluster.members]);
    merged[at] = { ...(isFuller ? cluster : stronger), presence: stronger.presence, members };
  }
  return merged;
}

function duration(ridge: Ridge): number {
  return ridge.offsetSeconds - ridge.onsetSeconds;
}

/** The strongest candidate of each derivation. */
function bestMembers(members: readonly Candidate[]): Candidate[] {
  const best = new Map<number, Candidate>();
  for (const m of members) {
    const known = best.get(m.derivation);
    if (!known || known.presence < m.presence) best.set(m.derivation, m);
  }
  return [...best.values()];
}

function joinStretches(stretches: readonly Cluster[], same: SameRidge): Cluster[] {
  const joined: Cluster[] = [];
  for (const stretch of [...stretches].sort((a, b) => a.onsetSeconds - b.onsetSeconds)) {
    const at = joined.findIndex((j) => continues(j, stretch, same));
    const earlier = joined[at];
    if (earlier) joined[at] = join(earlier, stretch);
    else joined.push(stretch);
  }
  return joined.sort((a, b) => b.presence - a.presence);
}

/** One ridge from two stretches: the first one's beginning, the last one's end, and whichever covers the middle. */
function join(earlier: Cluster, later: Cluster): Cluster {
  const middleSeconds = (earlier.onsetSeconds + later.offsetSeconds) / 2;
  const covers = middleSeconds < (later.onsetSeconds + earlier.offsetSeconds) / 2 ? earlier : later;
  return {
    presence: Math.max(earlier.presence, later.presence),
    running: later.running,
    onsetSeconds: earlier.onsetSeconds,
    offsetSeconds: later.offsetSeconds,
    startHz: earlier.startHz,
    middleHz: ridgeHz(covers, middleSeconds),
    endHz: later.endHz,
    onsetSpread: earlier.onsetSpread,
    offsetSpread: later.offsetSpread,
    startSpread: earlier.startSpread,
    endSpread: later.endSpread,
    members: bestMembers([...earlier.members, ...later.members]),
  };
}

function summarise(members: readonly Candidate[]): Cluster {
  const weights = members.map((m) => m.presence);
  const middle = (pick: (m: Candidate) => number): number => weightedMedian(members.map(pick), weights);
  return {
    presence: Math.max(...weights),
    running: middle((m) => m.running),
    onsetSeconds: middle((m) => m.onsetSeconds),
    offsetSeconds: middle((m) => m.offsetSeconds),
    startHz: middle((m) => m.startHz),
    middleHz: middle((m) => m.middleHz),
    endHz: middle((m) => m.endHz),
    onsetSpread: middle((m) => m.onsetSpread),
    offsetSpread: middle((m) => m.offsetSpread),
    startSpread: middle((m) => m.startSpread),
    endSpread: middle((m) => m.endSpread),
    members,
  };
}
