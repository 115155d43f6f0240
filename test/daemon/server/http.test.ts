import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import type { HealthReport } from '../../../daemon/health.js';
import type { EventsPage } from '../../../daemon/server/events-query.js';
import { createServer } from '../../../daemon/server/server.js';
import type { Server } from '../../../daemon/server/server.js';
import { eventDraft, gapDraft } from '../timeline/drafts.js';
import { BED, startServer } from './harness.js';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** As the path stands: no client tidies it up first. */
async function ask(server: Server, path: string, options: { method?: string; headers?: Record<string, string> } = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: server.port, path, ...options }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (data: string) => (body += data));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function askJson<Body>(server: Server, path: string): Promise<Body> {
  const { status, headers, body } = await ask(server, path);
  if (status !== 200 || !String(headers['content-type']).startsWith('application/json')) {
    throw new Error(`${path}: ${String(status)} ${body}`);
  }
  return JSON.parse(body) as Body;
}

t.test('health and beds', async (t) => {
  const { server, hub, timeline } = await startServer(t, { model: () => ({ provider: 'cpu' }) });
  hub.addBed({ name: 'bed-1', info: () => BED });
  await timeline.append(gapDraft(1));
  const health = await askJson<HealthReport>(server, '/v1/health');
  t.match(health, {
    status: 'ok',
    version: '0.0.0-test',
    model: { provider: 'cpu' },
    timeline: { cursor: 1, nFailedWrites: 0 },
    nClients: 0,
    beds: [{ bed: 'bed-1', stale: false }],
  });
  t.ok(health.timeline.sizeBytes > 0);
  t.ok(health.loopDelay.p99Ms >= health.loopDelay.p50Ms && health.loopDelay.p99Ms < 5000);
  t.same(await askJson(server, '/v1/beds'), { beds: [BED] });

  hub.addBed({ name: 'bed-2', info: () => ({ ...BED, bed: 'bed-2', newestAgeMs: 20_000 }) });
  hub.addBed({ name: 'bed-3', info: () => ({ ...BED, bed: 'bed-3', state: 'failed', stateText: 'unplugged' }) });
  const worse = await askJson<HealthReport>(server, '/v1/health');
  t.equal(worse.status, 'degraded');
  t.same(worse.reasons, ['bed-3 failed: unplugged', 'bed-2 gives no samples, though its device is there']);
});

t.test('events by cursor and by time, page by page', async (t) => {
  const { server, timeline } = await startServer(t);
  for (let i = 0; i < 30; i++) await timeline.append(i % 3 === 0 ? eventDraft(i) : gapDraft(i, `bed-${String(i % 3)}`));
  const readAll = async (start: string): Promise<number[]> => {
    const cursors: number[] = [];
    for (let next: string | null = start; next !== null;) {
      const page: EventsPage = await askJson<EventsPage>(server, next);
      t.ok(page.records.length <= 4);
      t.equal(page.newestCursor, 30);
      cursors.push(...page.records.map(({ cursor }) => cursor));
      next = page.next;
    }
    return cursors;
  };
  const all = Array.from({ length: 30 }, (_, i) => i + 1);
  t.same(await readAll('/v1/events?limit=4'), all);
  t.same(await readAll('/v1/events?limit=4&after=25'), [26, 27, 28, 29, 30]);
  t.same(
    await readAll('/v1/events?limit=4&bed=bed-2'),
    all.filter((cursor) => (cursor - 1) % 3 === 2),
  );
  const at = (seconds: number): string => String(1_700_000_000_000_000 + seconds * 1e6);
  // The chirp number i begins at 10 i seconds, gap number i at i seconds.
  t.same(await readAll(`/v1/events?limit=4&from=${at(20)}&to=${at(60)}`), [21, 23, 24, 26, 27, 29, 30, 4]);
  t.same(await readAll(`/v1/events?limit=4&bed=bed-1&from=${at(20)}&to=${at(28)}`), [23, 26]);
  t.same(await readAll(`/v1/events?limit=4&from=${at(269)}`), [28]);
  const event = (await askJson<EventsPage>(server, '/v1/events?after=3&limit=1')).records[0];
  t.match(event, { type: 'event', cursor: 4, id: 'bed-1-3', onsetTimeMicros: Number(at(30)) });
});

t.test('bad queries give 400 with a code', async (t) => {
  const { server } = await startServer(t);
  const queries = [
    'limit=0',
    'limit=1001',
    'limit=ten',
    'limit=1e3',
    'after=-1',
    'after=1.5',
    'after=99999999999999999999',
    'from=yesterday',
    'from=5&to=4',
    'from=5&after=4',
    'page=1_1',
    'from=1&page=x',
    'bed=',
    `bed=${'b'.repeat(201)}`,
    'bed=a&bed=b',
    'colour=blue',
    '__proto__=1',
    'constructor=1',
  ];
  for (const query of queries) {
    const { status, body } = await ask(server, `/v1/events?${query}`);
    t.equal(status, 400, query);
    t.match(JSON.parse(body), { error: { code: 'PROTOCOL_BAD_QUERY', message: String } });
  }
});

t.test('what is not there, or not that way', async (t) => {
  const { server } = await startServer(t);
  const expected: [method: string, path: string, status: number, code: string][] = [
    ['GET', '/v1/nothing', 404, 'PROTOCOL_NOT_FOUND'],
    ['GET', '/', 404, 'PROTOCOL_NOT_FOUND'],
    ['POST', '/v1/nothing', 404, 'PROTOCOL_NOT_FOUND'],
    ['POST', '/v1/health', 405, 'PROTOCOL_METHOD_NOT_ALLOWED'],
    ['DELETE', '/v1/events?after=1', 405, 'PROTOCOL_METHOD_NOT_ALLOWED'],
    ['OPTIONS', '/v1/beds', 405, 'PROTOCOL_METHOD_NOT_ALLOWED'],
    ['GET', '/v1/stream', 426, 'PROTOCOL_UPGRADE_REQUIRED'],
    ['GET', '/%zz', 400, 'PROTOCOL_BAD_REQUEST'],
  ];
  for (const [method, path, status, code] of expected) {
    const answer = await ask(server, path, { method });
    t.equal(answer.status, status, `${method} ${path}`);
    t.match(JSON.parse(answer.body), { error: { code } });
    t.equal(answer.headers['allow'], status === 405 ? 'GET, HEAD' : undefined);
  }
  for (const origin of ['https://elsewhere.example', 'null']) {
    const { status, body } = await ask(server, '/v1/health', { method: 'POST', headers: { origin } });
    t.equal(status, 403, `a page of ${origin}`);
    t.match(JSON.parse(body), { error: { code: 'PROTOCOL_FOREIGN_ORIGIN' } });
  }
  const own = { origin: server.url.slice(0, -1) };
  t.equal((await ask(server, '/v1/health', { method: 'POST', headers: own })).status, 405, "the board's own page");
  t.match(JSON.parse((await ask(server, '/')).body), { error: { message: /npm run build/ } });
  t.equal((await ask(server, '/v1/health', { method: 'HEAD' })).status, 200);
});

t.test('the board: types, caching, security headers, and nothing outside its folder', async (t) => {
  const folder = t.testdir({ 'secret.txt': 'secret', board: { 'index.html': '<p>board</p>', 'a.js': '1', more: {} } });
  writeFileSync(join(folder, 'board', 'more', 'x.woff2'), Buffer.from([0, 1, 2]));
  const { server } = await startServer(t, { staticDir: join(folder, 'board') });
  const index = await ask(server, '/');
  t.equal(index.body, '<p>board</p>');
  t.equal(index.headers['content-type'], 'text/html; charset=utf-8');
  t.equal(index.headers['cache-control'], 'no-cache');
  t.match(index.headers['content-security-policy'], /^default-src 'self';/);
  t.equal(index.headers['x-content-type-options'], 'nosniff');
  t.equal((await ask(server, '/index.html?v=1')).body, '<p>board</p>');
  t.equal((await ask(server, '/a.js')).headers['content-type'], 'text/javascript; charset=utf-8');
  t.equal((await ask(server, '/more/x.woff2')).headers['content-type'], 'font/woff2');
  const etag = String(index.headers['etag']);
  const again = await ask(server, '/', { headers: { 'if-none-match': etag } });
  t.same([again.status, again.body], [304, '']);
  t.equal((await ask(server, '/a.js', { headers: { 'if-none-match': etag } })).status, 200);
  t.equal((await ask(server, '/a.js', { method: 'PUT' })).status, 405);

  for (const path of [
    '/../secret.txt',
    '/more/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '//secret.txt',
  ]) {
    const { status, body } = await ask(server, path);
    t.ok(status === 404 || status === 400, `${path}: ${String(status)}`);
    t.notMatch(body, 'secret"');
    t.match(JSON.parse(body), { error: { code: /^PROTOCOL_/ } });
  }
});

t.test('a name that is not ours is refused (DNS rebinding)', async (t) => {
  const { server } = await startServer(t, { allowedHosts: ['icu.example'] });
  const status = async (host: string): Promise<number> => (await ask(server, '/v1/beds', { headers: { host } })).status;
  t.equal(await status('localhost:1'), 200);
  t.equal(await status('192.168.7.7:4173'), 200);
  t.equal(await status('[::1]:4173'), 200);
  t.equal(await status('ICU.example'), 200);
  t.equal(await status('evil.example'), 421);
  t.equal(await status('localhost.evil.example'), 421);
});

t.test('a port that is taken gives an error that names it', async (t) => {
  const { server, timeline, hub } = await startServer(t);
  const options = { host: '127.0.0.1', staticDir: '', version: '', demonstration: () => false, timeline, hub } as const;
  const loopDelay = { figures: () => ({ p50Ms: 0, p99Ms: 0, maxMs: 0 }), stop: () => undefined } as never;
  const second = createServer({ ...options, port: server.port, loopDelay });
  await t.rejects(second.start(), {
    code: 'SERVER_PORT_IN_USE',
    message: new RegExp(`port ${String(server.port)} .*choose another port`),
  });
  await second.stop();
  const nowhere = createServer({ ...options, host: '203.0.113.1', port: 0, loopDelay });
  await t.rejects(nowhere.start(), { code: 'SERVER_LISTEN_FAILED' });
  await nowhere.stop();
});
