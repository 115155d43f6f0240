import { type Absent, type Comparison, type PeerFigures, spreadOf } from './result.js';

/** Who does the work: ours, or a peer. */
export interface Contender {
  readonly name: string;
  /** Does the work `times` times in a row. @returns the seconds that it took, as it measured them itself */
  readonly run: (times: number) => number | Promise<number>;
}

export interface CheckedPeer extends Contender {
  /** Largest difference of its result from ours; NaN where it does another thing by its nature. */
  readonly difference: number;
  readonly tolerance: number;
  readonly checked: string;
}

export interface RoundsOptions {
  readonly work: string;
  readonly unit: string;
  /** Units in the work. */
  readonly nUnits: number;
  readonly rounds: number;
  /** How long a turn is to take, about: so long that a clock measures it, so short that noise falls on all alike. */
  readonly turnSeconds: number;
}

/**
 * Ours and its peers by turns: in each round everyone has one turn, beginning with another one each time, and ratios are of
 * one round. What else the machine does falls on all of them.
 *
 * @throws Error where a peer's result is not ours: it would be compared with other work
 */
export async function byTurns(
  options: RoundsOptions,
  ours: Contender,
  peers: readonly CheckedPeer[],
  absent: readonly Absent[] = [],
): Promise<Comparison> {
  for (const { name, difference, tolerance, checked } of peers) {
    if (difference > tolerance)
      throw new Error(`${name} gives another result: ${checked} differs by ${difference}, and ${tolerance} is allowed`);
  }
  const all = [ours, ...peers];
  const times: number[] = [];
  for (const contender of all) times.push(await timesFor(contender, options.turnSeconds));
  // Again: what was compiled meanwhile is faster.
  for (const [i, contender] of all.entries()) {
    if (times[i]! > 1) times[i] = await timesFor(contender, options.turnSeconds);
  }
  const seconds: number[][] = all.map(() => []);
  for (let round = 0; round < options.rounds; round++) {
    for (let i = 0; i < all.length; i++) {
      const at = (round + i) % all.length;
      seconds[at]!.push((await all[at]!.run(times[at]!)) / times[at]!);
    }
  }
  const [mine = [], ...theirs] = seconds;
  const perSecond = (of: readonly number[]): readonly number[] => of.map((each) => options.nUnits / each);
  return {
    work: options.work,
    unit: options.unit,
    rounds: options.rounds,
    ours: spreadOf(perSecond(mine)),
    peers: peers.map(({ name, difference, tolerance, checked }, p): PeerFigures => ({
      name,
      perSecond: spreadOf(perSecond(theirs[p]!)),
      ratio: spreadOf(theirs[p]!.map((each, round) => each / mine[round]!)),
      difference,
      tolerance,
      checked,
    })),
    absent,
  };
}

/** How often the work fits into a turn. */
async function timesFor(contender: Contender, turnSeconds: number): Promise<number> {
  let times = 1;
  for (;;) {
    const seconds = await contender.run(times);
    if (seconds >= turnSeconds / 2) return Math.max(1, Math.round((times * turnSeconds) / seconds));
    times = Math.ceil(times * Math.min(8, Math.max(2, turnSeconds / Math.max(seconds, 1e-6))));
  }
}

/** A contender of this process. @param work once */
export function timed(work: () => unknown): (times: number) => number {
  return (times) => {
    const startMs = performance.now();
    for (let i = 0; i < times; i++) work();
    return (performance.now() - startMs) / 1000;
  };
}

/** The same for work that is waited for. */
export function timedAsync(work: () => Promise<unknown>): (times: number) => Promise<number> {
  return async (times) => {
    const startMs = performance.now();
    for (let i = 0; i < times; i++) await work();
    return (performance.now() - startMs) / 1000;
  };
}

/** Largest difference of two results of one shape, absolute. NaN in both alike is none. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (Number.isNaN(x) && Number.isNaN(y)) continue;
    const difference = Math.abs(x - y);
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
  }
  return largest;
}
