import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const FOLDER = fileURLToPath(new URL('../../systemd/', import.meta.url));
const UNITS = ['chirpd.service', 'chirpd@.service', 'chirpd.target'];
const isThere = spawnSync('systemd-analyze', ['--version']).status === 0;
if (process.env['CI'] === 'true') t.ok(isThere, 'nothing is skipped here');
const skip = isThere ? false : 'systemd-analyze is missing';

/** Of this machine, not of the units. */
const ELSEWHERE = /Command chirpd is not executable|Failed to prepare filename|Special user|Neither a valid executable/;

t.test('systemd finds nothing wrong with the units', { skip }, (t) => {
  for (const unit of UNITS) {
    const name = unit.replace('@.', '@icu-1.');
    const { stderr } = spawnSync('systemd-analyze', ['verify', `${FOLDER}${name === unit ? unit : unit}`], {
      encoding: 'utf8',
    });
    const complaints = stderr.split('\n').filter((line) => line.includes('chirpd') && !ELSEWHERE.test(line));
    t.same(complaints, [], unit);
  }
  t.end();
});

t.test('exposure of 2.0 or better', { skip }, (t) => {
  for (const unit of UNITS.slice(0, 2)) {
    const args = ['security', '--offline=true', '--threshold=20', '--no-pager', `${FOLDER}${unit}`];
    const { status, stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
    const said = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1];
    t.equal(status, 0, `${unit}: ${said}`);
    t.ok(Number(said) <= 2);
  }
  t.end();
});

t.test('the template is the unit with a name of its own', (t) => {
  const read = (name: string): string => readFileSync(`${FOLDER}${name}`, 'utf8');
  const expected = read('chirpd.service')
    .replaceAll('/etc/chirpd/chirpd.yaml', '/etc/chirpd/%i.yaml')
    .replace('Description=chirpd:', 'Description=chirpd %i:')
    .replace(/^(State|Logs)Directory=chirpd$/gm, '$1Directory=chirpd-%i')
    .replaceAll('/var/lib/chirpd:', '/var/lib/chirpd-%i:')
    .replaceAll('/var/log/chirpd', '/var/log/chirpd-%i');
  t.equal(read('chirpd@.service'), expected);
  t.end();
});
