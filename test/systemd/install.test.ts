import t from 'tap';
import { freePort } from '../free-port.js';
import { Machine, noMachine } from './machine.js';

t.setTimeout(240_000);

const skip = noMachine() ?? false;
const SCRIPT = '/usr/local/lib/node_modules/chirpd/systemd/install.sh';
/** Everything that a file system of a machine has where installing may write, with modes and owners, but for what programs write as they run. */
const TREE =
  'find /etc /usr/local /var/lib /var/log -path /usr/local/lib/node_modules -prune -o ' +
  '-not -path "*/systemd/*" -not -path "*/journal*" -not -name "*-" -printf "%p %m %u:%g\\n" | sort; ' +
  'find /etc/systemd /usr/local/lib/systemd -printf "%p %l\\n" 2>/dev/null | sort';

t.test('install, again, upgrade, remove', { skip }, async (t) => {
  const machine = await Machine.boot(t);
  await machine.putPackage();
  const before = await machine.must(TREE);
  const port = await freePort();

  await t.test('on a machine that never had it', async (t) => {
    // Port 4180 may be taken by whoever runs these tests.
    await machine.must('mkdir -p /etc/systemd/system/chirpd.service.d');
    await machine.must(
      `printf "[Service]\\nExecStart=\\nExecStart=chirpd run --config /etc/chirpd/chirpd.yaml --port ${port}\\n" > /etc/systemd/system/chirpd.service.d/port.conf`,
    );
    const said = await machine.must(`sh ${SCRIPT}`);
    t.match(said, /\/usr\/local\/lib\/systemd\/system\/chirpd\.service\n/);
    t.match(said, /It runs: 0 of 1 bed streams; Bed 1 starting: waits for its pusher/);
    t.match(await machine.show('chirpd', 'ActiveState', 'UnitFileState'), {
      ActiveState: 'active',
      UnitFileState: 'enabled',
    });
    t.equal(await machine.must('systemctl is-enabled chirpd.target'), 'enabled');
    t.equal(
      await machine.must(
        'stat -c "%n %a %U:%G" /etc/chirpd /etc/chirpd/chirpd.yaml /etc/chirpd/credentials /var/lib/chirpd',
      ),
      '/etc/chirpd 750 root:chirpd\n/etc/chirpd/chirpd.yaml 640 root:chirpd\n' +
        '/etc/chirpd/credentials 700 root:root\n/var/lib/chirpd 750 chirpd:chirpd',
    );
    t.notMatch(await machine.must('journalctl -u chirpd -u init.scope --no-pager'), /mode .*different/i);
  });

  await t.test('the packed program serves the board and its documents', async (t) => {
    const board = await fetch(`http://127.0.0.1:${port}/`);
    const page = await board.text();
    t.equal(board.status, 200);
    const script = /<script[^>]+src="([^"]+)"/.exec(page)?.[1] ?? '';
    const answer = await fetch(new URL(script, board.url));
    t.equal(answer.status, 200);
    t.ok((await answer.text()).length > 10_000, 'its script');
    t.equal((await fetch(`http://127.0.0.1:${port}/v1/openapi.json`)).status, 200);
    const { model } = (await (await fetch(`http://127.0.0.1:${port}/v1/health`)).json()) as { model: { name: string } };
    t.equal(model.name, 'chirp-vit-96');
  });

  await t.test('a second time it changes nothing', async (t) => {
    const tree = await machine.must(TREE);
    const said = await machine.must(`sh ${SCRIPT}`);
    t.match(said, /chirpd\.yaml is kept as it is/);
    t.notMatch(said, /chirpd\.service\n/, 'nothing is written anew');
    t.equal(await machine.must(TREE), tree);
  });

  await t.test('an upgrade brings the new unit and keeps config and data', async (t) => {
    await machine.must('sed -i "s/Bed 1/Ward 7/" /etc/chirpd/chirpd.yaml');
    await machine.must(`echo "# a newer one" >> ${SCRIPT.replace('install.sh', 'chirpd.service')}`);
    const [cursor = ''] = (await machine.must('systemctl show chirpd -p MainPID')).split('\n');
    t.match(await machine.must(`sh ${SCRIPT}`), /It runs: .*Ward 7 starting/);
    t.not(await machine.must('systemctl show chirpd -p MainPID'), cursor, 'the new program runs');
    t.match(await machine.must('tail -n 1 /usr/local/lib/systemd/system/chirpd.service'), /a newer one/);
  });

  await t.test('a config that is wrong is told, and what runs goes on', async (t) => {
    await machine.must('echo "colour: blue" >> /etc/chirpd/chirpd.yaml');
    const { code, text } = await machine.run(`sh ${SCRIPT}`);
    t.equal(code, 1);
    t.match(text, /colour.*\n[^]*mend \/etc\/chirpd\/chirpd\.yaml/);
    t.equal(await machine.must('systemctl is-active chirpd'), 'active');
    await machine.must('sed -i /colour/d /etc/chirpd/chirpd.yaml');
  });

  await t.test('removed: the config and the data are there, and it says so', async (t) => {
    const said = await machine.must(`sh ${SCRIPT} --uninstall`);
    for (const left of ['/etc/chirpd', '/var/lib/chirpd', '/var/log/chirpd']) t.match(said, `  ${left}\n`);
    t.match(await machine.show('chirpd', 'LoadState', 'ActiveState'), {
      LoadState: 'not-found',
      ActiveState: 'inactive',
    });
    const left = await machine.must(
      'find /etc /usr /var /run -xdev -path /usr/local/lib/node_modules -prune -o -name "*chirpd*" -prune -print | sort',
    );
    t.same(left.split('\n'), [
      '/etc/chirpd',
      '/etc/systemd/system/chirpd.service.d',
      '/usr/local/bin/chirpd',
      '/var/lib/chirpd',
      '/var/log/chirpd',
    ]);
    t.match(await machine.must('cat /etc/chirpd/chirpd.yaml'), /Ward 7/);
    t.ok(await machine.must('ls /var/lib/chirpd/timeline'));
    t.equal((await machine.run(`sh ${SCRIPT} --uninstall`)).code, 0, 'twice does no harm');
  });

  await t.test('installed again: goes on with both', async (t) => {
    t.match(await machine.must(`sh ${SCRIPT}`), /It runs: .*Ward 7/);
  });

  await t.test('purged: as if it had never been there', async (t) => {
    await machine.must('rm -r /etc/systemd/system/chirpd.service.d');
    t.match(await machine.must(`sh ${SCRIPT} --uninstall --purge`), /Removed, with config, data and account/);
    t.equal(await machine.must(TREE), before);
    t.not((await machine.run('getent passwd chirpd')).code, 0);
  });

  await t.test('into the file system of another machine', async (t) => {
    await machine.must('mkdir -p /tmp/other/etc /tmp/other/var && touch /tmp/other/etc/passwd /tmp/other/etc/group');
    const said = await machine.must(`sh ${SCRIPT} --root /tmp/other`);
    t.match(said, /starts when the machine does/);
    const wanted = ['chirpd.target.wants/chirpd.service', 'multi-user.target.wants/chirpd.target'];
    for (const link of wanted) t.ok(await machine.must(`ls -l /tmp/other/etc/systemd/system/${link}`), link);
    t.match(await machine.must('cat /tmp/other/etc/passwd'), /^chirpd:/m);
    await machine.must(`sh ${SCRIPT} --root /tmp/other --uninstall --purge`);
    t.equal(await machine.must('find /tmp/other -name "*chirpd*"'), '');
    t.notMatch(await machine.must('cat /tmp/other/etc/passwd'), /chirpd/);
  });

  await t.test('what is missing, and wrong options', async (t) => {
    t.match(await machine.run(`sh ${SCRIPT} --purge`), { code: 1, text: /goes with --uninstall/ });
    t.match(await machine.run(`sh ${SCRIPT} --colour`), { code: 2, text: /usage/ });
    t.match(await machine.run(`sh ${SCRIPT} --root /nowhere`), { code: 1, text: /no file system of a machine/ });
    await machine.must('rm /usr/local/bin/chirpd && mkdir -p /root/bin && printf "#!/bin/sh\\n" > /root/bin/chirpd');
    t.match(await machine.run(`sh ${SCRIPT}`), { code: 1, text: /would find no chirpd/ });
    await machine.must('chmod +x /root/bin/chirpd && ln -s /root/bin/chirpd /usr/local/bin/chirpd');
    t.match(await machine.run(`sh ${SCRIPT}`), { code: 1, text: /somebody's home folder/ });
    t.equal((await machine.run('ls /usr/local/lib/systemd')).code, 2, 'and nothing was written');
  });
});
