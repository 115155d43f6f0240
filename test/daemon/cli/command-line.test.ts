import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { EXIT, EXIT_MEANINGS } from '../../../daemon/cli/exit-codes.js';
import { packageRoot, packageVersion } from '../../../daemon/package-root.js';
import { chirpd } from './chirpd.js';

const folder = t.testdir();

const COMMANDS = ['run', 'replay', 'score', 'tail', 'timeline', 'token', 'reload', 'devices', 'emulate', 'check'];

t.test('--help names every command and every exit code', async (t) => {
  const { code, stdout, stderr } = await chirpd(['--help']);
  t.equal(code, EXIT.ok);
  t.equal(stderr, '');
  for (const command of COMMANDS) t.match(stdout, new RegExp(`^  ${command} `, 'm'));
  for (const { code: exitCode, meaning } of EXIT_MEANINGS) t.match(stdout, `  ${String(exitCode)}  ${meaning}`);
  t.match(stdout, /Not a\s+medical device/);
});

t.test('each command has its own help', async (t) => {
  for (const command of COMMANDS) {
    const { code, stdout } = await chirpd([command, '--help']);
    t.equal(code, EXIT.ok);
    t.match(stdout, `Usage: chirpd ${command}`);
  }
});

t.test('--version is the package version', async (t) => {
  const { code, stdout } = await chirpd(['--version']);
  t.equal(code, EXIT.ok);
  t.equal(stdout, `${packageVersion()}\n`);
});

t.test('the README tells the same exit codes', (t) => {
  const readme = readFileSync(join(packageRoot(), 'README.md'), 'utf8');
  const rows = [...readme.matchAll(/^\| (\d) +\| (.+?) +\|$/gm)].map(([, code, meaning]) => [Number(code), meaning]);
  t.same(
    rows,
    EXIT_MEANINGS.map(({ code, meaning }) => [code, meaning]),
  );
  t.end();
});

interface Mistake {
  readonly args: readonly string[];
  readonly code: number;
  readonly says: RegExp;
}

const MISTAKES: readonly Mistake[] = [
  { args: [], code: EXIT.usage, says: /Usage: chirpd/ },
  { args: ['rpelay'], code: EXIT.usage, says: /unknown command 'rpelay' .*replay/ },
  { args: ['run', '--sped', '2'], code: EXIT.usage, says: /unknown option '--sped'/ },
  { args: ['run', '--speed', '2'], code: EXIT.usage, says: /--speed goes with files/ },
  { args: ['run', '--port', '70000'], code: EXIT.usage, says: /from 0 to 65535/ },
  { args: ['token', 'add', 'Ada', '--role', 'king'], code: EXIT.usage, says: /view, acknowledge, administer, push/ },
  { args: ['token', 'add', 'Ada'], code: EXIT.usage, says: /--role/ },
  { args: ['token', 'add', ' ', '--role', 'view'], code: EXIT.usage, says: /no space at either end/ },
  {
    args: ['run', '--host', '0.0.0.0', '--port', '0', '--data', 'data4'],
    code: EXIT.config,
    says: /others than this machine .*server\.tls.*chirpd token add NAME --role administer --tokens \S+data4\/tokens\.json/,
  },
  { args: ['replay'], code: EXIT.usage, says: /missing required argument/ },
  { args: ['replay', 'a.edf', '--speed', 'fast'], code: EXIT.usage, says: /0\.1 to 1000, or max/ },
  { args: ['replay', 'a.edf', '--profile', 'slwo'], code: EXIT.usage, says: /one of fast, wide, scalp, slow/ },
  { args: ['replay', 'a.edf', '--montage', 'banana'], code: EXIT.usage, says: /auto, average, bipolar/ },
  { args: ['replay', 'a.edf', 'b.edf', '--bed', 'x'], code: EXIT.usage, says: /--bed names one bed/ },
  { args: ['tail', 'ftp://somewhere'], code: EXIT.usage, says: /is no address of a daemon/ },
  {
    args: ['check', '--config', 'missing.yaml'],
    code: EXIT.config,
    says: /cannot read the config file .*missing\.yaml/,
  },
  { args: ['check', '--config', 'wrong.yaml'], code: EXIT.config, says: /wrong\.yaml:2: server\.port: / },
  { args: ['replay', 'missing.edf'], code: EXIT.input, says: /missing\.edf/ },
  { args: ['replay', 'wrong.edf'], code: EXIT.input, says: /wrong\.edf.*\[EDF_HEADER_TRUNCATED\]/ },
  { args: ['run', 'wrong.edf', '--data', 'data'], code: EXIT.input, says: /wrong\.edf.*\[EDF_HEADER_TRUNCATED\]/ },
  { args: ['run', '--config', 'nomodel.yaml', '--port', '0'], code: EXIT.model, says: /manifest/ },
  { args: ['run', '--data', 'file/data', '--port', '0'], code: EXIT.storage, says: /cannot make the data folder/ },
  // There mkdir answers "no such file", which makes Node's recursive one loop for ever.
  { args: ['run', '--data', '/proc/data', '--port', '0'], code: EXIT.storage, says: /cannot make the data folder/ },
];

t.test('each mistake is told in one line, with its exit code', async (t) => {
  writeFileSync(
    join(folder, 'wrong.yaml'),
    'server:\n  port: seven\nbeds:\n  - name: A\n    adapter: { kind: synthetic }\n',
  );
  writeFileSync(join(folder, 'wrong.edf'), 'this is no recording');
  writeFileSync(join(folder, 'file'), '');
  mkdirSync(join(folder, 'model'));
  const beds = 'beds:\n  - name: A\n    adapter: { kind: synthetic }\n';
  writeFileSync(join(folder, 'nomodel.yaml'), `data: data2\nmodel: { path: model }\n${beds}`);
  for (const { args, code, says } of MISTAKES) {
    const finished = await chirpd(args, { cwd: folder });
    const name = `chirpd ${args.join(' ')}`;
    t.equal(finished.code, code, `${name} exits with ${code}`);
    t.match(finished.stderr, says, `${name} says what is wrong`);
    t.notMatch(finished.stderr, /^ +at .+:\d+:\d+/m, `${name} shows no stack trace`);
    t.equal(finished.stdout, '', `${name} gives no results`);
  }
});

t.test('a taken port is told with a way out', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const { code, stderr } = await chirpd(['run', '--data', join(folder, 'data3'), '--port', String(port)]);
  server.close();
  t.equal(code, EXIT.network);
  t.match(stderr, new RegExp(`port ${String(port)} .* is taken .*--port`));
  t.notMatch(stderr, /Bed (starting|streaming)/, 'before any bed has begun');
});

t.test('check tells that all is well, and prints every key', async (t) => {
  const example = join(packageRoot(), 'daemon/config/example.yaml');
  const { code, stdout } = await chirpd(['check', '--config', example]);
  t.equal(code, EXIT.ok);
  t.match(stdout, /^ok\n1 bed on http:\/\/127\.0\.0\.1:4180\/\n {2}Bed 1: synthetic/);
  const keys = await chirpd(['check', '--keys']);
  t.equal(keys.code, EXIT.ok);
  t.match(keys.stdout, 'server.port  (integer 0 to 65535; default 4180)');
});
