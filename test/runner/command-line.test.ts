import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../../daemon/package-root.js';
import { readSoakOptions } from '../soak/options.js';
import { readOptions } from './command-line.mjs';

/** What a command makes of a wrong command line: nothing is built or run before it is told. */
function wrong(command: string, ...args: readonly string[]): unknown {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(packageRoot(), `test/${command}.mjs`), ...args],
    {
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

function told(line: string): unknown {
  return { status: 2, stdout: '', stderr: `${line}; --help says more\n` };
}

t.setTimeout(120_000);

for (const command of ['soak', 'fuzz', 'torture']) {
  t.test(`npm run ${command}: a wrong command line is told in one line`, (t) => {
    t.strictSame(wrong(command, '--json'), told('--json needs a value'));
    const { status, stdout } = spawnSync(process.execPath, [join(packageRoot(), `test/${command}.mjs`), '--help'], {
      encoding: 'utf8',
    });
    t.equal(status, 0);
    t.match(stdout, new RegExp(`^npm run ${command} -- \\[options\\]\\n`));
    t.end();
  });
}

t.test('what is wrong is named', (t) => {
  const options = { json: { type: 'string' }, help: { type: 'boolean' }, n: { type: 'string', short: 'n' } } as const;
  const cases: readonly (readonly [readonly string[], string])[] = [
    [['--json'], '--json needs a value'],
    [['--json', '--help'], '--json needs a value'],
    [['--n', '-1'], '--n needs a value'],
    [['-n'], '--n needs a value'],
    [['--help=3'], '--help takes no value'],
    [['--cake', '3'], 'there is no option --cake'],
    [['cake'], 'cake is no option'],
  ];
  for (const [args, message] of cases) t.throws(() => readOptions(options, args), { code: 'USAGE', message }, message);
  t.match(readOptions(options, ['--json', 'x', '--help']), { json: 'x', help: true });
  t.throws(() => readSoakOptions(['--minutes', 'x']), { message: '--minutes takes a number above 0, not "x"' });
  t.throws(() => readSoakOptions(['--beds', '1.5']), { message: '--beds takes a whole number from 1, not "1.5"' });
  t.match(readSoakOptions(['--minutes', '0.5']), { minutes: 0.5, nBeds: 4, lookSeconds: 30 });
  t.end();
});

t.test('numbers of a script without options of its own', (t) => {
  t.strictSame(wrong('torture', '--kills', '0'), told('--kills takes a whole number from 1, not "0"'));
  t.end();
});
