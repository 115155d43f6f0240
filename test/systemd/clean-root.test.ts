import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { packageRoot } from '../../daemon/package-root.js';
import { freePort } from '../free-port.js';
import { until } from '../until.js';
import { Machine, noMachine, packed } from './machine.js';

const ROOT = join(packageRoot(), '.tap/clean-root/trixie');
const MAKE = fileURLToPath(new URL('make-clean-root.sh', import.meta.url));
const MAKE_MS = 1_800_000;

t.setTimeout(MAKE_MS + 600_000);

/** It takes minutes, and gets packages of Debian and of npm from where this machine gets them. */
const isWanted = process.env['CHIRPD_TEST_CLEAN_ROOT'] === 'true';
const skip = isWanted ? (noMachine() ?? false) : 'set CHIRPD_TEST_CLEAN_ROOT=true: it takes minutes and the network';

/** Every file that there is, but for what systemd and programs write as they run. */
const FILES =
  'find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /root -o -path /mnt ' +
  '-o -path /var/log/journal -o -path /var/lib/systemd -o -path /var/tmp -o -path /usr/local/lib/node_modules \\) -prune -o ' +
  '-not -name "*-" -not -name .updated -print | sort';
const NPM = 'HOME=/root npm';
const SCRIPT = '/usr/local/lib/node_modules/chirpd/systemd/install.sh';
const UNITS = ['chirpd.service', 'chirpd@icu.service', 'chirpd.target'];

function npmSetting(name: string): string {
  return spawnSync('npm', ['config', 'get', name], { encoding: 'utf8' }).stdout.trim();
}

t.test('a Debian machine that never had anything of it: installed, run, removed', { skip }, async (t) => {
  mkdirSync(join(ROOT, '..'), { recursive: true });
  const made = spawnSync(MAKE, [ROOT], { encoding: 'utf8', timeout: MAKE_MS, maxBuffer: 1 << 26 });
  if (made.status !== 0) throw new Error(`no clean root: ${(made.stdout + made.stderr).slice(-2000)}`);
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-clean-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const machine = await Machine.boot(t, ROOT);
  const before = (await machine.must(FILES)).split('\n');
  const more = async (): Promise<readonly string[]> => {
    const known = new Set(before);
    return (await machine.must(FILES)).split('\n').filter((path) => !known.has(path));
  };
  t.match(await machine.must('cat /etc/os-release'), /VERSION_CODENAME=trixie/);
  t.not((await machine.run('command -v chirpd')).code, 0);

  await t.test('npm installs it from the registry, as systemd/README.md says', async (t) => {
    const cafile = npmSetting('cafile');
    await machine.must('cat > /root/chirpd.tgz', packed(folder));
    if (existsSync(cafile)) await machine.must('cat > /root/ca.crt', readFileSync(cafile));
    const settings = [`registry=${npmSetting('registry')}`, ...(existsSync(cafile) ? ['cafile=/root/ca.crt'] : [])];
    await machine.must('cat > /root/.npmrc', `${settings.join('\n')}\n`);
    const said = await machine.must(`${NPM} install --global --ignore-scripts /root/chirpd.tgz`);
    t.match(said, /added \d+ packages/);
    t.equal(await machine.must('chirpd --version'), '0.1.0');
  });

  const port = await freePort();
  await t.test('the installer makes a service of it, which runs as its own user', async (t) => {
    await machine.must('mkdir -p /etc/systemd/system/chirpd.service.d');
    await machine.must(
      `printf "[Service]\\nExecStart=\\nExecStart=chirpd run --config /etc/chirpd/chirpd.yaml --port ${port}\\n" > /etc/systemd/system/chirpd.service.d/port.conf`,
    );
    t.match(await machine.must(`sh ${SCRIPT}`), /It runs: 0 of 1 bed streams; Bed 1 starting: waits for its pusher/);
    t.match(await machine.show('chirpd', 'ActiveState', 'UnitFileState'), {
      ActiveState: 'active',
      UnitFileState: 'enabled',
    });
    const pid = await machine.must('systemctl show chirpd -p MainPID --value');
    t.equal(await machine.must(`stat -c %U:%G /proc/${pid}`), 'chirpd:chirpd');
    const health = await fetch(`http://127.0.0.1:${port}/v1/health`);
    t.equal(health.status, 200);
    await until(
      async () => (await fetch(`http://127.0.0.1:${port}/v1/health/ready`)).status === 200,
      'the model to be ready',
      120_000,
    );
    t.match(await health.json(), { isLive: true, version: '0.1.0' });
    t.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 200, 'the board');
  });

  await t.test('a changed config is taken over', async (t) => {
    await machine.must('sed -i "s/Bed 1/Ward 7/" /etc/chirpd/chirpd.yaml');
    await machine.must('systemctl reload chirpd');
    const name = async (): Promise<boolean> =>
      (await (await fetch(`http://127.0.0.1:${port}/v1/beds`)).text()).includes('"Ward 7"');
    await until(name, 'the other name', 30_000);
    t.equal(await machine.must('systemctl is-active chirpd'), 'active');
  });

  await t.test('systemd-analyze finds nothing wrong', async (t) => {
    const folder = '/usr/local/lib/systemd/system';
    const { code, text } = await machine.run(`systemd-analyze verify ${UNITS.join(' ')}`);
    t.match({ code, text }, { code: 0, text: '' });
    for (const unit of ['chirpd.service', 'chirpd@.service']) {
      const said = await machine.run(
        `systemd-analyze security --offline=true --threshold=20 --no-pager ${folder}/${unit}`,
      );
      const level = /Overall exposure level for \S+: ([\d.]+)/.exec(said.text)?.[1];
      t.comment(`${unit}: ${level ?? said.text}`);
      t.equal(said.code, 0, unit);
      t.ok(Number(level) <= 2, `${unit}: ${level ?? ''}`);
    }
  });

  await t.test('removed, it leaves what it says, and no more', async (t) => {
    await machine.must('rm -r /etc/systemd/system/chirpd.service.d');
    const said = await machine.must(`sh ${SCRIPT} --uninstall`);
    const left = await more();
    const told = ['/etc/chirpd', '/var/lib/chirpd', '/var/log/chirpd', '/usr/local/bin/chirpd'];
    for (const path of told.slice(0, 3)) t.match(said, `  ${path}\n`);
    t.strictSame(
      left.filter((path) => !told.some((one) => path === one || path.startsWith(`${one}/`))),
      [],
    );
    for (const path of ['/etc/chirpd/chirpd.yaml', '/var/lib/chirpd/timeline']) t.ok(left.includes(path), path);
    t.match(await machine.must('getent passwd chirpd'), /^chirpd:/);
    await machine.must(`sh ${SCRIPT} --uninstall --purge`);
    await machine.must(`${NPM} uninstall --global chirpd`);
    t.strictSame(await more(), [], 'purged and uninstalled: nothing is left');
    t.not((await machine.run('getent passwd chirpd')).code, 0);
    t.equal(await machine.must('ls /usr/local/lib/node_modules'), '');
  });
});
