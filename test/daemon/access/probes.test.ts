import { cpSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../../../daemon/package-root.js';
import { Chirpd } from '../cli/chirpd.js';
import { addToken, bearer } from './guarded-daemon.js';

t.setTimeout(120_000);

t.test('probes get yes or no without a token, and why not with one', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-probes-'));
  const data = join(folder, 'data');
  const model = join(folder, 'model');
  cpSync(join(packageRoot(), 'models/released/chirp-vit-96'), model, { recursive: true });
  truncateSync(join(model, 'model.onnx'), 1000);
  const config = join(folder, 'config.yaml');
  const beds = [{ name: 'Bed of Ada', adapter: { kind: 'synthetic' } }];
  writeFileSync(config, JSON.stringify({ server: { port: 0 }, model: { path: model }, beds }));
  const daemon = new Chirpd(['run', '--config', config, '--data', data]);
  t.teardown(async () => {
    await daemon.end('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });
  const [, url = ''] = await daemon.printed(/Open the board: (\S+)/, 90_000);
  const ask = async (path: string, token?: string): Promise<readonly [number, string]> => {
    const answer = await fetch(new URL(path, url), { headers: bearer(token) });
    return [answer.status, await answer.text()];
  };
  const why = /cannot be loaded.*MODEL_CHECKSUM/;
  t.match((await ask('/v1/health/ready'))[1], why, 'nobody is asked who they are');

  const token = await addToken(data, 'Ward 3', 'view');
  const pusher = await addToken(data, 'gateway', 'push');
  // Tokens that come are known within a second.
  for (let i = 0; i < 200 && (await ask('/v1/health'))[0] !== 401; i++) await new Promise((go) => setTimeout(go, 50));
  t.equal((await ask('/v1/health'))[0], 401, 'everything else asks');
  t.same(await ask('/v1/health/live'), [200, '{"isLive":true,"reason":""}']);
  for (const whose of [undefined, 'chirpd_wrong', pusher]) {
    const [status, text] = await ask('/v1/health/ready', whose);
    t.same([status, JSON.parse(text)], [503, { isReady: false, reasons: ['a token of role view is told why'] }]);
  }
  const [status, text] = await ask('/v1/health/ready', token);
  t.equal(status, 503);
  t.match(text, why);
});
