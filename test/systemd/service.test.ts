import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { freePort } from '../free-port.js';
import { until } from '../until.js';
import { Machine, noMachine } from './machine.js';

t.setTimeout(240_000);

const skip = noMachine() ?? false;

t.test('the unit, run by systemd', { skip }, async (t) => {
  const machine = await Machine.boot(t);
  await machine.putPackage();
  await machine.must(
    'cp /mnt/systemd/chirpd.service /mnt/systemd/chirpd@.service /mnt/systemd/chirpd.target /etc/systemd/system/ && ' +
      'useradd --system --no-create-home --shell /usr/sbin/nologin chirpd && mkdir -p -m 700 /etc/chirpd/credentials',
  );
  // So that a test need not wait as long as a ward may.
  await machine.must(
    'mkdir /etc/systemd/system/chirpd.service.d && ' +
      'printf "[Service]\\nWatchdogSec=4s\\nRestartSec=100ms\\n" > /etc/systemd/system/chirpd.service.d/test.conf && ' +
      'systemctl daemon-reload',
  );
  await machine.must('printf secret-token > /etc/chirpd/credentials/pager');

  const tokens: (string | undefined)[] = [];
  const pager = createServer((request, response) => {
    tokens.push(request.headers.authorization);
    response.writeHead(204).end();
  }).listen(0, '127.0.0.1');
  await once(pager, 'listening');
  t.teardown(() => pager.close());
  const webhook = {
    name: 'pager',
    url: `http://127.0.0.1:${(pager.address() as AddressInfo).port}/`,
    tokenFile: 'credential:pager',
  };
  const port = await freePort();
  const config = {
    server: { port },
    recording: { folder: '/var/lib/chirpd/recordings' },
    alarms: { webhooks: [webhook] },
    beds: [
      { name: 'Made up', adapter: { kind: 'synthetic', seed: 1, nChannels: 2 } },
      { name: 'Pushed', adapter: { kind: 'push' } },
      { name: 'Serial', adapter: { kind: 'cyton', port: '/dev/ttyUSB7' } },
      { name: 'Broken', adapter: { kind: 'edf', path: '/etc/hostname' } },
    ],
  };
  await machine.must('cat > /etc/chirpd/chirpd.yaml', JSON.stringify(config));
  const state = (): Promise<Readonly<Record<string, string>>> =>
    machine.show('chirpd', 'ActiveState', 'MainPID', 'NRestarts', 'StatusText', 'Result', 'ExecMainStatus');
  const health = async (): Promise<{ beds: { bed: string; newestAgeMs: number }[]; uptimeSeconds: number }> =>
    (await (await fetch(`http://127.0.0.1:${port}/v1/health`)).json()) as never;
  const isAgain = async (nRestarts: string): Promise<boolean> => {
    const now = await state();
    return now['NRestarts'] === nRestarts && now['ActiveState'] === 'active';
  };

  await t.test('ready, and says how the beds are', async (t) => {
    t.equal((await machine.run('systemctl start chirpd')).code, 0);
    const { ActiveState, StatusText = '' } = await state();
    t.equal(ActiveState, 'active');
    t.match(StatusText, /^1 of 4 beds stream; Pushed starting: waits for its pusher/);
    t.match(StatusText, /Serial reconnecting: \/dev\/ttyUSB7 is not there/);
    t.match(StatusText, /Broken failed: /);
    const { beds } = await health();
    t.ok((beds.find(({ bed }) => bed === 'Made up')?.newestAgeMs ?? -1) >= 0, 'samples come');
    t.equal(
      await machine.must('stat -c "%U %a" /var/lib/chirpd/timeline /var/lib/chirpd/recordings'),
      'chirpd 750\nchirpd 750',
    );
  });

  await t.test('systemctl reload takes the config over, and the process stays', async (t) => {
    const before = await state();
    const write = (beds: object[]): Promise<string> =>
      machine.must('cat > /etc/chirpd/chirpd.yaml', JSON.stringify({ ...config, beds }));
    const names = async (): Promise<readonly string[]> => (await health()).beds.map(({ bed }) => bed);
    await write([...config.beds, { name: 'New', adapter: { kind: 'synthetic', nChannels: 1 } }]);
    t.equal((await machine.run('systemctl reload chirpd')).code, 0);
    await until(async () => (await names()).includes('New'), 'the new bed', 60_000);
    await until(async () => /^2 of 5 beds/.test((await state())['StatusText'] ?? ''), 'in the status', 60_000);
    await write([{ name: 'Made up' }]);
    await machine.run('systemctl reload chirpd');
    await until(
      async () => /the config file was refused: line 1: beds\[0\]\.adapter/.test((await state())['StatusText'] ?? ''),
      'why the file was refused',
      60_000,
    );
    await write(config.beds);
    await machine.run('systemctl reload chirpd');
    await until(async () => !(await names()).includes('New'), 'the bed to be gone', 60_000);
    await until(async () => (await state())['ActiveState'] === 'active', 'active', 60_000);
    const after = await state();
    t.match(after, { MainPID: before['MainPID'], NRestarts: before['NRestarts'] });
  });

  await t.test('as nobody who can do harm', async (t) => {
    const { MainPID } = await state();
    const status = await machine.must(`cat /proc/${MainPID}/status`);
    t.match(status, /CapEff:\s*0+\n/);
    t.match(status, /NoNewPrivs:\s*1\n/);
    t.match(status, /Seccomp:\s*2\n/);
    const user = await machine.must(`ps -o user= -p ${MainPID}`);
    t.equal(user, 'chirpd');
    t.match(await machine.must(`cat /proc/${MainPID}/limits`), /Max core file size\s+0\s+0/);
  });

  await t.test('the journal knows priorities', async (t) => {
    const errors = await machine.must('journalctl -u chirpd -p err -o cat --no-pager');
    t.match(errors, /^Bed failed {2}bed=Broken/m);
    t.notMatch(errors, /streaming/);
    const all = await machine.must('journalctl -u chirpd -o cat --no-pager');
    t.match(all, /^Bed streaming {2}bed="Made up"/m, 'without a time of its own');
    t.notMatch(all, /^<\d>/m);
  });

  await t.test('the inference process dies: the daemon goes on', async (t) => {
    const before = await state();
    await machine.must(`pkill -KILL -P ${before['MainPID'] ?? ''} -f inference-process`);
    const replaced = (): Promise<boolean> =>
      machine.run('journalctl -u chirpd --no-pager | grep -q "is being replaced"').then(({ code }) => code === 0);
    await until(replaced, 'the fault in the journal', 30_000);
    const { ActiveState, NRestarts, MainPID } = await state();
    t.same({ ActiveState, NRestarts, MainPID }, { ActiveState: 'active', NRestarts: '0', MainPID: before['MainPID'] });
  });

  await t.test('a credential reaches whoever it is for', async (t) => {
    await until(() => tokens.length > 0, 'the alarm of the inference process', 60_000);
    t.equal(tokens[0], 'Bearer secret-token');
    await machine.must('! su -s /bin/sh chirpd -c "cat /etc/chirpd/credentials/pager" 2>/dev/null');
  });

  await t.test('killed: comes back', async (t) => {
    await machine.must(`kill -KILL ${(await state())['MainPID'] ?? ''}`);
    await until(() => isAgain('1'), 'to come back', 60_000);
    t.ok((await health()).uptimeSeconds < 60);
  });

  await t.test('the main loop stands still: the watchdog kills it, and it comes back', async (t) => {
    const { MainPID = '' } = await state();
    await machine.must(`kill -STOP ${MainPID}`);
    await until(() => isAgain('2'), 'to come back', 90_000);
    t.match(await machine.must('journalctl -u chirpd --no-pager'), /Watchdog timeout/);
    const { ActiveState } = await state();
    t.equal(ActiveState, 'active', 'and stays');
  });

  await t.test('it is left alone while all is well', async (t) => {
    const since = await health();
    // Three times as long as the watchdog waits.
    await until(async () => (await health()).uptimeSeconds >= since.uptimeSeconds + 12, 'time to pass', 60_000);
    t.equal((await state())['NRestarts'], '2');
  });

  await t.test('stopped in good order', async (t) => {
    const startMs = performance.now();
    t.equal((await machine.run('systemctl stop chirpd')).code, 0);
    t.ok(performance.now() - startMs < 10_000);
    const { ActiveState, Result, ExecMainStatus } = await state();
    t.same(
      { ActiveState, Result, ExecMainStatus },
      { ActiveState: 'inactive', Result: 'success', ExecMainStatus: '0' },
    );
  });

  await t.test('a wrong config is told once, and not tried again', async (t) => {
    await machine.must('sed -i "s/\\"kind\\":\\"push\\"/\\"kind\\":\\"pusch\\"/" /etc/chirpd/chirpd.yaml');
    t.not((await machine.run('systemctl start chirpd')).code, 0);
    const isOver = async (): Promise<boolean> => (await state())['ActiveState'] === 'failed';
    await until(isOver, 'to give up', 30_000);
    const { ExecMainStatus, NRestarts } = await state();
    t.same({ ExecMainStatus, NRestarts }, { ExecMainStatus: '3', NRestarts: '0' });
    const errors = await machine.must('journalctl -u chirpd -p err -o cat --no-pager -n 20');
    t.match(errors, /beds\[1\]\.adapter\.kind/, 'every line of the error has its priority');
  });

  await t.test('several daemons, by the template and the target', async (t) => {
    const ports = [await freePort(), await freePort()];
    for (const [i, name] of ['icu-1', 'icu-2'].entries()) {
      const one = { server: { port: ports[i] }, beds: [config.beds[0]] };
      await machine.must(`cat > /etc/chirpd/${name}.yaml`, JSON.stringify(one));
    }
    await machine.must(
      'systemctl enable --quiet chirpd.target chirpd@icu-1 chirpd@icu-2 && systemctl start chirpd.target',
    );
    const active = async (): Promise<boolean> =>
      (await machine.run('systemctl is-active chirpd@icu-1 chirpd@icu-2')).text === 'active\nactive\n';
    await until(active, 'both to run', 90_000);
    for (const one of ports) t.equal((await fetch(`http://127.0.0.1:${String(one)}/v1/health`)).status, 200);
    t.equal(await machine.must('ls -d /var/lib/chirpd-icu-*/timeline | wc -l'), '2', 'each has a timeline of its own');
    await machine.must('systemctl stop chirpd.target');
    const stopped = async (): Promise<boolean> =>
      (await machine.run('systemctl is-active chirpd@icu-1 chirpd@icu-2')).text === 'inactive\ninactive\n';
    await until(stopped, 'the target to stop them all', 30_000);
  });
});
