import type { BenchmarkResult, BenchReport } from './result.js';
import { short } from './table.js';

/** Numbers of a run that can stand beside those of another. */
export interface ComparedFigure {
  readonly name: string;
  readonly then: number;
  readonly now: number;
  /** Above 1: better than then; NaN where one of them is 0. */
  readonly ratio: number;
}

/** What both runs measured and has a better and a worse. */
export function compareReports(then: BenchReport, now: BenchReport): readonly ComparedFigure[] {
  const before = new Map(then.benchmarks.flatMap(numbersOf).map((each) => [each.name, each]));
  return now.benchmarks.flatMap(numbersOf).flatMap(({ name, value, better }) => {
    const old = before.get(name);
    // What is not a number in one of them is null in its file.
    if (old === undefined || !Number.isFinite(old.value) || !Number.isFinite(value)) return [];
    const ratio = better === 'more' ? value / old.value : old.value / value;
    return [{ name, then: old.value, now: value, ratio: value === 0 || old.value === 0 ? NaN : ratio }];
  });
}

interface Numbered {
  readonly name: string;
  readonly value: number;
  readonly better: 'more' | 'less';
}

/** Figures, and of comparisons the speed of ours and its ratio to each peer: that one says most where machines differ. */
function numbersOf({ name, figures = [], comparisons = [] }: BenchmarkResult): readonly Numbered[] {
  return [
    ...figures.flatMap(({ name: figure, value, better }): readonly Numbered[] =>
      better === 'none' ? [] : [{ name: `${name} ${figure}`, value, better }],
    ),
    ...comparisons.flatMap(({ work, ours, peers }): readonly Numbered[] => [
      { name: `${name}: ${work}`, value: ours.median, better: 'more' },
      ...peers.map((peer): Numbered => {
        return { name: `${name}: ${work}, beside ${peer.name}`, value: peer.ratio.median, better: 'more' };
      }),
    ]),
  ];
}

export function compareText(then: BenchReport, now: BenchReport): string {
  const { machine, commit, startedAt } = then;
  const lines = compareReports(then, now).map(
    ({ name, then: old, now: value, ratio }) =>
      `    ${short(ratio).padStart(6)} times as good: ${short(old)} -> ${short(value)}  ${name}\n`,
  );
  const isSame = machine.cpu === now.machine.cpu && machine.cores === now.machine.cores;
  const other = isSame
    ? ''
    : `; that machine was another one (${machine.cpu}, ${machine.cores} cores): only ratios to peers count`;
  return `beside ${startedAt.slice(0, 10)}, ${commit}${other}\n${lines.join('')}`;
}
