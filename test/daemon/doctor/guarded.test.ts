import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { configSchema } from '../../../daemon/config/schema.js';
import { lookAtPorts } from '../../../daemon/doctor/look-at-ports.js';
import { Authority } from '../access/certificates.js';
import { startGuardedDaemon } from '../access/guarded-daemon.js';

t.setTimeout(120_000);

t.test('a daemon with TLS that asks for a token is known for what it is', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-doctor-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const tls = new Authority(join(folder, 'authority')).issue('board');
  const { url } = await startGuardedDaemon(t, { tls });
  t.match(url, /^https:/);
  const look = async (server: object): Promise<string> => {
    const beds = [{ name: 'Bed 1', adapter: { kind: 'synthetic' } }];
    const found = await lookAtPorts(
      configSchema.parse({ beds, server: { port: Number(new URL(url).port), ...server } }),
    );
    return found.map(({ what, state, text }) => `${what} ${state} ${text}`).join('\n');
  };
  t.match(await look({ tls }), /^port ok a chirpd that asks for a token runs there: port \d+ of 127\.0\.0\.1$/);
  t.match(await look({}), /^port failed another program than chirpd has port/, 'a config without TLS finds no chirpd');
});

t.test('a daemon without TLS that asks for a token', async (t) => {
  const { url } = await startGuardedDaemon(t);
  const beds = [{ name: 'Bed 1', adapter: { kind: 'synthetic' } }];
  const [found] = await lookAtPorts(configSchema.parse({ beds, server: { port: Number(new URL(url).port) } }));
  t.match(found, { what: 'port', state: 'ok', text: /a chirpd that asks for a token runs there/ });
});
