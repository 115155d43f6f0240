import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { packageRoot } from '../../daemon/package-root.js';
import { Random } from '../../adapters/synthetic/random.js';
import { damage, damageValue } from './damage.js';
import { GROWTH_LIMIT_BYTES, MemoryWatch } from './memory-watch.js';
import { FUZZ_HELP, readFuzzOptions } from './options.js';
import { divided, PLAN } from './plan.js';
import { runFuzzer } from './run-fuzzer.js';

t.setTimeout(240_000);

function fuzz(...args: readonly string[]): {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(packageRoot(), 'test/fuzz.mjs'), ...args], {
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

t.test('the command says what it takes, and refuses what it does not', (t) => {
  t.equal(readFuzzOptions(['--help']), undefined);
  for (const option of ['--inputs', '--only', '--seed', '--minutes', '--json']) t.match(FUZZ_HELP, option);
  const wrong = ['--inputs 0', '--inputs x', '--only cake', '--seed -1', '--seed=-1', '--minutes 0', '--cake', 'cake'];
  for (const args of wrong) t.throws(() => readFuzzOptions(args.split(' ')), /takes|needs a value|no option/, args);
  const names = readFuzzOptions(['--only', 'serial,csv'])?.chosen.map(({ name }) => name);
  t.same(names, ['serial', 'serial-port', 'csv']);
  t.match(readFuzzOptions([]), { nInputs: 1_000_000, minutes: undefined });
  t.end();
});

t.test('a run tells how many inputs there were, and how they ended', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-fuzz-command-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const json = join(folder, 'report.json');
  const { code, stdout } = fuzz('--only', 'csv,config', '--inputs', '60', '--seed', '3', '--json', json);
  t.equal(code, 0, stdout);
  t.match(stdout, /60 inputs, nothing went wrong/);
  const report = JSON.parse(readFileSync(json, 'utf8')) as {
    nInputs: number;
    results: readonly { name: string; counts: Record<string, number> }[];
  };
  t.equal(report.nInputs, 60);
  t.same(
    report.results.map(({ name }) => name),
    ['config', 'csv'],
  );
  const nEnds = report.results.flatMap(({ counts }) => Object.values(counts)).reduce((sum, n) => sum + n, 0);
  t.equal(nEnds, 60);
  t.end();
});

/** A fuzzer's process that does what it is told to do wrong. */
async function runChild(t: Test, code: string): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-fuzz-child-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const childFile = join(folder, 'child.mjs');
  writeFileSync(childFile, code);
  const task = { name: 'csv', seed: 7, nInputs: 10, batch: 10, endMs: Number.MAX_SAFE_INTEGER } as const;
  const { failures } = await runFuzzer({ task, childFile, folder, onProgress: () => undefined });
  return failures;
}

t.test('what goes wrong in a process is told with how to have it again', async (t) => {
  const failure = {
    type: 'failure',
    seed: 9,
    batch: 10,
    nDone: 4,
    number: 3,
    text: 'it broke',
    input: Buffer.from('bad').toString('base64'),
  };
  const tell = (message: object): string => `process.send(${JSON.stringify(message)});`;
  const end = `${tell({ type: 'done' })} process.disconnect();`;
  const [told = ''] = await runChild(t, `process.once('message', () => { ${tell(failure)} ${end} });`);
  t.match(told, /input 3: it broke\n.*npm run fuzz -- --only csv --seed 9 --inputs 10\n/);
  t.equal(readFileSync(/kept: (\S+)/.exec(told)?.[1] ?? '', 'utf8'), 'bad');
  t.match(await runChild(t, `process.once('message', () => { process.abort(); });`), [/ended with SIGABRT/]);
  t.match(await runChild(t, `process.once('message', () => { throw new Error('oh'); });`), [
    /ended with code 1: [^]*oh/,
  ]);
  const batch = (heldBytes: number): string => tell({ type: 'batch', nDone: 1, counts: {}, slowestMs: 1, heldBytes });
  const growing = Array.from({ length: 9 }, (_, i) => batch(1e7 * i)).join(' ');
  t.match(await runChild(t, `process.once('message', () => { ${growing} ${end} });`), [
    /held after a collection grew by/,
  ]);
  t.same(await runChild(t, `process.once('message', () => { ${batch(1)} ${end} });`), []);
});

t.test('an input that hangs ends its process, even in a loop', async (t) => {
  const { bundleForNode } = await import('../runner/bundle.mjs');
  const folder = mkdtempSync(join(packageRoot(), '.tap/hang-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const entry = join(folder, 'hang.ts');
  const watch = join(packageRoot(), 'test/fuzz/hang-watch.ts');
  writeFileSync(
    entry,
    `import { HangWatch } from ${JSON.stringify(watch)};\nconst watch = new HangWatch(500, 'here');\nsetTimeout(() => { watch.begin(42); for (;;); }, 200);\n`,
  );
  await bundleForNode(entry, join(folder, 'hang.mjs'));
  const { signal, stderr } = spawnSync(process.execPath, [join(folder, 'hang.mjs')], { encoding: 'utf8' });
  t.equal(signal, 'SIGKILL');
  t.match(stderr, /here: input 42 has hung/);
});

t.test('inputs are divided, and memory is judged by its floor', (t) => {
  t.equal(
    divided(PLAN, 1_000_000).reduce((sum, n) => sum + n, 0),
    1_000_000,
  );
  t.ok(divided(PLAN, 3).every((n) => n >= 1));
  const flat = new MemoryWatch();
  for (const bytes of [9e7, 4e7, 5e7, 4e7, 6e7, 4.1e7, 7e7]) flat.add(bytes);
  t.ok((flat.grownBytes ?? Infinity) < GROWTH_LIMIT_BYTES);
  t.equal(new MemoryWatch().grownBytes, undefined);
  t.end();
});

t.test('damage is the same for the same seed', (t) => {
  const once = (): string => {
    const random = new Random(4, 'test');
    return (
      damage(random, Buffer.from('a text that is long enough'), 5).toString('hex') +
      JSON.stringify(damageValue(random, { a: [1, { b: 2 }] }))
    );
  };
  t.equal(once(), once());
  t.end();
});
