import type { Benchmark } from './benchmark.js';

/** @param benchmarks all that there are */
export function helpText(benchmarks: readonly Benchmark[]): string {
  const minutes = benchmarks.filter(({ isDefault }) => isDefault).reduce((sum, each) => sum + each.minutes, 0);
  return `npm run bench -- [options]

Measures how fast chirpd is, beside other programs that do the same work, and how many beds this machine can hold.
Without --only: all benchmarks marked with * below, about ${minutes.toFixed(0)} minutes. The table goes to stdout, progress to stderr.
Nothing else should run meanwhile.

  --only NAMES         these alone, with commas between them
  --list               their names, a line each
  --quick              short, to see whether they work; the figures are worth nothing
  --json FILE          everything that was measured
  --keep               the same into test/bench/history/DATE-COMMIT.json
  --compare FILE       how the figures stand to those of an older run: ratios
  --help               this

Of single benchmarks:
  --beds-from N        max-beds: looks first at N beds (default 4)
  --beds N             max-beds: N beds alone, no search; board, board-hours: how many (16, 4)
  --try-seconds N      max-beds: how long each number of beds is measured (20)
  --variant NAME       max-beds: float32 or int8
  --threads N          max-beds, replay, inference: threads of the model (as the config's default; all cores; 1 and 2)
  --minutes N          replay: length of the recording (10)
  --profile NAME       replay: slow, scalp, wide or fast (slow)
  --hours N            board-hours: of the beds' time (8)
  --cpu-profiles DIR   max-beds, board: CPU profiles go there; max-beds draws each as a flame graph (SVG)

${listText(benchmarks)}
Exit codes: 0 done, 1 a benchmark failed, 2 wrong command line. test/bench/README.md says what each measures.
`;
}

export function listText(benchmarks: readonly Benchmark[]): string {
  return benchmarks
    .map(({ name, title, minutes, isDefault }) => {
      const time = minutes < 1 ? '<1 min' : `${minutes.toFixed(0)} min`;
      return `${isDefault ? '*' : ' '} ${name.padEnd(12)} ${time.padStart(6)}  ${title}\n`;
    })
    .join('');
}
