import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { EXIT } from '../../../daemon/cli/exit-codes.js';
import { Chirpd, chirpd } from './chirpd.js';

t.setTimeout(240_000);

t.test('chirpd reload', async (t) => {
  const folder = t.testdir();
  const config = join(folder, 'chirpd.yaml');
  const write = (beds: object[], more: object = {}): void => {
    writeFileSync(config, JSON.stringify({ server: { port: 0 }, ...more, beds }));
  };
  const made = (name: string, more: object = {}): object => ({
    name,
    adapter: { kind: 'synthetic', nChannels: 1 },
    ...more,
  });
  write([made('Bed 1'), made('Bed 2'), made('Bed 3')]);
  const daemon = new Chirpd(['run', '--config', config, '--data', join(folder, 'data'), '--log-json']);
  t.teardown(() => daemon.end('SIGKILL'));
  const [, url = ''] = await daemon.printed(/Open the board: (\S+)/);
  t.match(await chirpd(['reload', url]), { code: EXIT.ok, stdout: 'The config file says what is in force already.\n' });

  write([made('Bed 1'), made('Bed 2', { mainsHz: 50 }), made('Bed 4')], {
    alarms: { repeatMinutes: 2 },
    history: { hours: 3 },
  });
  const { code, stdout } = await chirpd(['reload', url]);
  t.equal(code, EXIT.ok);
  t.match(
    stdout,
    /^removed: Bed 3\nopened anew: Bed 2 \(mainsHz\)\nadded: Bed 4\nin force: alarms.repeatMinutes\nneeds a restart: history.hours\n1 of 3 beds untouched, \d+ ms\n$/,
  );

  write([made('Bed 1', { speed: 'slow' })]);
  const refused = await chirpd(['reload', url]);
  t.equal(refused.code, EXIT.config);
  t.match(refused.stderr, /chirpd.yaml:1: beds\[0\]\.speed: a number from 0.1 to 1000, or max/);
  t.match(await chirpd(['reload', '--json', 'http://127.0.0.1:1']), { code: EXIT.network });
});

t.test('without a config file there is nothing to reload, and SIGHUP stops', async (t) => {
  const folder = t.testdir();
  const daemon = new Chirpd(['run', '--port', '0', '--data', join(folder, 'data')]);
  t.teardown(() => daemon.end('SIGKILL'));
  const [, url = ''] = await daemon.printed(/Open the board: (\S+)/);
  const { code, stderr } = await chirpd(['reload', url]);
  t.equal(code, EXIT.config);
  t.match(stderr, /without a config file.*\[CONFIG_NO_FILE\]/);
  t.match(await daemon.end('SIGHUP'), { code: EXIT.ok });
});
