import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { packageRoot } from '../../daemon/package-root.js';
import { BENCHMARKS } from './benchmarks.js';
import { compareReports } from './compare.js';
import { helpText, listText } from './help.js';
import { readOptions, UsageError } from './options.js';
import type { BenchmarkResult, BenchReport, Spread } from './result.js';

t.setTimeout(280_000);

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm run bench -- ARGS`, as a person runs it. */
async function bench(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [join(packageRoot(), 'test/bench.mjs'), ...args]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** Cheap, and each with peers whose results are checked before any is timed. */
const CHEAP = ['edf', 'filters', 'stft', 'canvas', 'tracker', 'timeline', 'fan-out'];
const PEERLESS: ReadonlySet<string> = new Set(['tracker']);

t.test('benchmarks run, their peers give the same results, and all of it is in the JSON', async (t) => {
  const path = join(t.testdir(), 'report.json');
  const { code, stdout, stderr } = await bench('--quick', '--only', CHEAP.join(','), '--json', path);
  t.equal(code, 0, stderr.slice(-3000));
  const report = JSON.parse(readFileSync(path, 'utf8')) as BenchReport;
  t.equal(report.quick, true);
  t.equal(report.maxBeds, null, 'it was not looked for');
  t.match(report.startedAt, /^\d{4}-\d\d-\d\dT/);
  t.ok(report.machine.cpu !== '' && report.machine.cores > 0 && report.machine.node === process.version);
  t.same(
    report.benchmarks.map(({ name }) => name),
    CHEAP,
  );
  for (const benchmark of report.benchmarks) checkComparisons(t, benchmark);
  const peersOf = (name: string): readonly string[] =>
    report.benchmarks
      .filter((each) => each.name === name)
      .flatMap(({ comparisons = [] }) => comparisons.flatMap(({ peers }) => peers.map((peer) => peer.name)));
  for (const library of [/^fft\.js/, /^KISS FFT/, /^PFFFT/, /^@neurosity/])
    t.ok(
      peersOf('stft').some((name) => library.test(name)),
      library.source,
    );
  t.ok(
    peersOf('filters').some((name) => name.startsWith('@neurosity/pipes')),
    '@neurosity/pipes filters',
  );
  for (const name of CHEAP) t.match(stdout, new RegExp(`^${name} `, 'm'), 'in the table');
  t.match(stderr, /1\/7 edf/, 'progress on stderr');
});

function checkComparisons(t: Test, { name, state, reason, comparisons = [] }: BenchmarkResult): void {
  t.equal(state, 'done', `${name} ${reason ?? ''}`);
  t.ok(comparisons.length > 0, `${name} compares`);
  for (const { work, ours, peers, absent } of comparisons) {
    t.ok(PEERLESS.has(name) || peers.length + absent.length > 0, `${name} has peers`);
    t.ok(isSpread(ours), `${name}: ${work}: ${ours.median} a second`);
    for (const peer of peers) {
      t.ok(isSpread(peer.perSecond) && isSpread(peer.ratio), `${name}: beside ${peer.name} ${peer.ratio.median}`);
      // Null: of another nature, which the table says.
      t.ok(peer.difference === null || peer.difference <= peer.tolerance, `${peer.name}: ${peer.checked}`);
    }
    for (const { name: missing, reason: why } of absent) {
      t.not(why, '', `${missing} is left out: ${why}`);
      if (process.env['CI'] === 'true') t.fail(`${missing} is not here`);
    }
  }
}

function isSpread({ low, median, high }: Spread): boolean {
  return low > 0 && low <= median && median <= high && Number.isFinite(high);
}

t.test('a wrong command line is one line on stderr and exit code 2', async (t) => {
  const wrong = [
    [['--bogus'], /--bogus/],
    [['more'], /more/],
    [['--only', ''], /names/],
    [['--beds', '1.5'], /--beds takes a whole number/],
    [['--try-seconds', '-1'], /--try-seconds/],
    [['--try-seconds=-1'], /--try-seconds takes a number above 0/],
    [['--profile', 'none'], /--profile is one of/],
    [['--variant', 'int4'], /--variant/],
    [['--quick', '--keep'], /--keep/],
  ] as const;
  for (const [args, text] of wrong) {
    try {
      readOptions(args);
      t.fail(args.join(' '));
    } catch (error) {
      t.type(error, UsageError);
      t.match((error as Error).message, text);
      t.notMatch((error as Error).message, /\n/, 'one line');
    }
  }
  for (const [args, text] of [
    [['--only', 'nothing'], /no benchmark "nothing"; there are edf, /],
    [['--compare', '/nowhere.json'], /nowhere/],
  ] as const) {
    const { code, stdout, stderr } = await bench(...args);
    t.equal(code, 2, args.join(' '));
    t.equal(stdout, '');
    t.equal(stderr.trim().split('\n').length, 1, stderr);
    t.match(stderr, text);
  }
});

t.test('--help and --list name every benchmark', async (t) => {
  const help = await bench('--help');
  t.equal(help.code, 0);
  t.equal(help.stdout, helpText(BENCHMARKS));
  for (const { name, title } of BENCHMARKS) {
    t.ok(help.stdout.includes(title), name);
    t.ok(listText(BENCHMARKS).includes(` ${name} `), name);
  }
  for (const option of ['--json', '--quick', '--keep', '--compare', '--beds-from']) t.ok(help.stdout.includes(option));
});

t.test('two runs side by side: above 1 is better, whichever way a figure counts', (t) => {
  const report = (frames: number, delay: number, rate: number): BenchReport => ({
    ...{ startedAt: '2026-01-01T00:00:00Z', commit: 'a', isCommitted: true, quick: false, maxBeds: null },
    machine: { cpu: 'c', cores: 2, memoryGigabytes: 1, node: 'v20', system: 'linux', load: 0 },
    benchmarks: [
      {
        ...{ name: 'x', state: 'done', wallSeconds: 1 },
        figures: [
          { name: 'frames', value: frames, unit: '', better: 'more' },
          { name: 'delay', value: delay, unit: 'ms', better: 'less' },
          { name: 'beds', value: 3, unit: '', better: 'none' },
        ],
        comparisons: [
          {
            ...{ work: 'w', unit: 'u', rounds: 1, absent: [] },
            ours: { median: rate, low: rate, high: rate },
            peers: [],
          },
        ],
      },
    ],
  });
  t.same(
    compareReports(report(10, 8, 100), report(20, 4, 50)).map(({ name, ratio }) => [name, ratio]),
    [
      ['x frames', 2],
      ['x delay', 2],
      ['x: w', 0.5],
    ],
  );
  t.same(
    compareReports(report(10, 0, 100), report(20, NaN, 50)).map(({ name }) => name),
    ['x frames', 'x: w'],
    'what is no number says nothing',
  );
  t.ok(Number.isNaN(compareReports(report(10, 0, 1), report(10, 4, 1))[1]?.ratio), 'nor does a ratio to 0');
  t.same(compareReports({ ...report(1, 1, 1), benchmarks: [] }, report(1, 1, 1)), [], 'what was not measured then');
  t.end();
});
