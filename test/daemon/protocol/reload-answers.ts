import { readFileSync, writeFileSync } from 'node:fs';
import type { Test } from 'tap';
import type { Asked } from './label-answers.js';

interface Asking {
  readonly configFile: string;
  readonly ask: (t: Test, template: string, path: string, status: number, asked?: Asked) => Promise<unknown>;
}

/** What `/v1/config/reload` answers: to a file that is as it was, that has another bed, and that has errors. */
export async function askForReload(t: Test, { configFile, ask }: Asking): Promise<void> {
  const path = '/v1/config/reload';
  const post = async (status: number, asked: Asked = {}): Promise<unknown> =>
    ask(t, path, path, status, { method: 'POST', ...asked });
  const text = readFileSync(configFile, 'utf8');
  t.match(await ask(t, path, path, 200), { file: configFile, isReloading: false, last: null });
  t.match(await post(200), { outcome: 'unchanged', by: 'http', beds: { unchanged: ['made-up', 'pushed', 'broken'] } });
  await post(400, { body: '{"x":' });
  await post(403, { headers: { origin: 'https://elsewhere.example' } });
  await post(413, { body: { x: 'x'.repeat(2000) } });
  await post(415, { body: 'x=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } });

  const config = JSON.parse(text) as { server: object; beds: object[] };
  const another = { name: 'another', adapter: { kind: 'synthetic', seed: 9, nChannels: 1 } };
  const server = { ...config.server, sessionHours: 3 };
  writeFileSync(configFile, JSON.stringify({ ...config, server, beds: [...config.beds, another] }));
  t.match(await post(200), {
    outcome: 'applied',
    beds: { added: ['another'], removed: [], restarted: [] },
    needsRestart: ['server.sessionHours'],
  });
  t.match(await ask(t, '/v1/health', '/v1/health', 200), { config: { needsRestart: ['server.sessionHours'] } });

  writeFileSync(configFile, JSON.stringify({ ...config, beds: [{ name: 'another' }] }));
  t.match(await post(422), { error: { code: 'CONFIG_INVALID', problems: [{ line: 1, path: 'beds[0].adapter' }] } });
  t.match(await ask(t, '/v1/health', '/v1/health', 200), { config: { problem: /beds\[0\]\.adapter/ } });
  await ask(t, '/v1/alarms', '/v1/alarms', 200);

  writeFileSync(configFile, text);
  t.match(await post(200), { outcome: 'applied', beds: { removed: ['another'] } });
  t.match(await ask(t, path, path, 200), { last: { outcome: 'applied' } });
}
