import { request } from 'node:http';
import t, { type Test } from 'tap';
import { until } from '../../until.js';
import { ApiDocument } from './api-document.js';
import { type Asked, askForLabels } from './label-answers.js';
import { askForMontages } from './montage-answers.js';
import { askForReload } from './reload-answers.js';
import { askForReplays } from './replay-answers.js';
import { startServedDaemon } from './served-daemon.js';
import { askForSession } from './session-answers.js';
import { subprotocolForm } from './subprotocol-form.js';
import { askForWaveforms } from './waveform-answers.js';

t.setTimeout(240_000);

const { url, configFile } = await startServedDaemon(t);
const document = await ApiDocument.read(url, '/v1/openapi.json');
/** Operation and status of every answer. */
const seen = new Set<string>();

/** How the bytes of an answer are read; where nothing is said, as MessagePack. */
const READ: Readonly<Record<string, (bytes: Buffer) => unknown>> = {
  'application/json': (bytes) => JSON.parse(bytes.toString()) as unknown,
  'text/plain': (bytes) => bytes.toString(),
  'text/tab-separated-values': (bytes) => bytes.toString(),
};

/** Asks as the path stands, and looks at the answer as the document describes that of `template`. */
async function ask(t: Test, template: string, path: string, status: number, asked: Asked = {}): Promise<unknown> {
  const { method = 'GET', body } = asked;
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const headers = {
    ...(text !== undefined && {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
    }),
    ...asked.headers,
  };
  const answer = await new Promise<{ status: number; contentType: string; bytes: Buffer }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: new URL(url).port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const contentType = response.headers['content-type'] ?? '';
        resolve({ status: response.statusCode ?? 0, contentType, bytes: Buffer.concat(chunks) });
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
  const what = `${method} ${path.slice(0, 80)} ${text?.slice(0, 60) ?? ''}: ${String(answer.status)}`;
  t.equal(answer.status, status, what);
  const documented = document.answer(template, method, answer.status);
  if (documented === undefined) return t.fail(`${what} is not documented`);
  seen.add(`${method} ${template} ${String(answer.status)}`);
  t.equal(answer.contentType.split(';')[0], documented.contentType, what);
  const read = READ[documented.contentType] ?? ((bytes: Buffer): unknown => subprotocolForm(bytes).value);
  const value = read(answer.bytes);
  t.equal(document.problem(documented.pointer, value), '', what);
  return value;
}

t.test('what only reads', async (t) => {
  const names =
    'health health/live health/ready metrics beds alarms recordings replays replayable openapi.json asyncapi.json';
  const simple = names.split(' ').map((name) => `/v1/${name}`);
  await until(
    async () => {
      const { beds } = (await (await fetch(new URL('/v1/beds', url))).json()) as {
        beds: { bed: string; newestAgeMs: number }[];
      };
      return beds.some((bed) => bed.bed === 'made-up' && bed.newestAgeMs >= 0);
    },
    'samples',
    60_000,
  );
  for (const path of simple) {
    await ask(t, path, path, 200);
    await ask(t, path, path, 421, { headers: { host: 'elsewhere.example' } });
  }
  for (const path of ['/v1/stream', '/v1/ingest']) await ask(t, path, path, 426);
  t.match(await ask(t, '/v1/health', '/v1/health', 200), {
    isLive: true,
    isReady: true,
    status: 'degraded',
    recording: { beds: Array },
    model: Object,
  });
});

t.test('spectrogram', async (t) => {
  const template = '/v1/beds/{bed}/spectrogram';
  await until(
    async () => {
      const answer = await ask(t, template, '/v1/beds/made-up/spectrogram?profile=slow', 200);
      return (answer as { columns: number[] }).columns.length > 0;
    },
    'columns',
    60_000,
  );
  await ask(t, template, '/v1/beds/nobody/spectrogram', 404);
  await ask(t, template, '/v1/beds/made-up/spectrogram?profile=blue', 404);
  await ask(t, template, '/v1/beds/made-up/spectrogram?profile=', 400);
  await ask(t, template, '/v1/beds/made-up/spectrogram?colour=blue', 400);
  await ask(t, template, '/v1/beds/%zz/spectrogram', 400);
});

t.test('history', async (t) => {
  const template = '/v1/beds/{bed}/history';
  const path = '/v1/beds/made-up/history';
  await until(
    async () => {
      const answer = (await ask(t, template, `${path}?hours=0.5&columns=180`, 200)) as {
        regions: { region: string }[];
      };
      return answer.regions.length > 0;
    },
    'a history',
    60_000,
  );
  t.match(await ask(t, template, path, 200), { columnSeconds: 120 });
  t.match(await ask(t, template, '/v1/beds/pushed/history', 200), { timesMicros: [], regions: [] });
  for (const query of 'hours=0 hours=25 hours= hours=x columns=15 columns=8641 columns=20.5 colour=blue'.split(' ')) {
    await ask(t, template, `${path}?${query}`, 400);
  }
  await ask(t, template, `${path}?hours=1&hours=2`, 400);
  await ask(t, template, '/v1/beds/nobody/history', 404);
  await ask(t, template, '/v1/beds/%zz/history', 400);
});

t.test('waveform', async (t) => {
  await askForWaveforms(t, { url, document, ask });
});

t.test('montages', async (t) => {
  await askForMontages(t, { ask });
});

t.test('alarms', async (t) => {
  const template = '/v1/alarms/{id}/acknowledge';
  let id = '';
  await until(
    async () => {
      const { alarms } = (await ask(t, '/v1/alarms', '/v1/alarms', 200)) as { alarms: { id: string; code: string }[] };
      id = alarms.find(({ code }) => code === 'BED_FAILED')?.id ?? '';
      return id !== '';
    },
    'an alarm',
    60_000,
  );
  const path = `/v1/alarms/${id}/acknowledge`;
  const post = async (status: number, body: unknown, headers = {}): Promise<unknown> =>
    ask(t, template, path, status, { method: 'POST', body, headers });
  await ask(t, template, path, 405);
  await ask(t, template, '/v1/alarms/%zz/acknowledge', 400);
  const request = '/components/schemas/AcknowledgeRequest';
  const good = { name: 'Ada', note: 'on my way' };
  t.equal(document.problem(request, good), '');
  for (const body of [
    {},
    { name: '' },
    { name: '  ' },
    { name: 'x'.repeat(101) },
    { name: 'A\nB' },
    { name: 'A', role: 'x' },
  ]) {
    t.not(document.problem(request, body), '', JSON.stringify(body));
    await post(400, body);
  }
  await post(400, '{"name":');
  await post(403, good, { origin: 'https://elsewhere.example' });
  await post(413, { name: 'x'.repeat(9000) });
  await post(415, good, { 'content-type': 'application/x-www-form-urlencoded' });
  await ask(t, template, '/v1/alarms/none/acknowledge', 404, { method: 'POST', body: good });
  t.match(await post(200, good), { alarm: { acknowledged: { name: 'Ada' } } });
  await ask(t, '/v1/alarms', '/v1/alarms', 200);
});

t.test('preview of alarms', async (t) => {
  const template = '/v1/beds/{bed}/alarm-preview';
  const path = '/v1/beds/made-up/alarm-preview';
  const post = async (status: number, body: unknown, headers = {}): Promise<unknown> =>
    ask(t, template, path, status, { method: 'POST', body, headers });
  await ask(t, template, path, 405);
  await ask(t, template, '/v1/beds/%zz/alarm-preview', 400);
  const request = '/components/schemas/AlarmPreviewRequest';
  const good = { rules: [{ priority: 'low', each: true, minimumScore: 0.1 }], hours: 1 };
  t.equal(document.problem(request, good), '');
  const high = { priority: 'high' };
  for (const body of [
    {},
    { rules: [high] },
    { rules: [{ ...high, burden: 0.5, each: true }] },
    { rules: [{ ...high, burden: 1.1 }] },
    { rules: [{ ...high, perHour: 1.5 }] },
    { rules: [{ priority: 'loud', each: true }] },
    { rules: [], hours: 25 },
    { rules: [], more: 1 },
  ]) {
    t.not(document.problem(request, body), '', JSON.stringify(body));
    await post(400, body);
  }
  await post(403, good, { origin: 'https://elsewhere.example' });
  await post(413, { rules: [], x: 'x'.repeat(17_000) });
  await post(415, good, { 'content-type': 'application/x-www-form-urlencoded' });
  await ask(t, template, '/v1/beds/nobody/alarm-preview', 404, { method: 'POST', body: good });
  t.match(await post(200, good), { bed: 'made-up', alarms: Array });
  const details = { perRule: [{ nAlarms: Number }], inForce: { alarms: Array }, chirps: Array, gaps: Array };
  t.match(await post(200, { ...good, details: true }), { bed: 'made-up', alarms: Array, ...details });
});

t.test('alarm rules', async (t) => {
  const template = '/v1/beds/{bed}/alarm-rules';
  const path = '/v1/beds/made-up/alarm-rules';
  await ask(t, template, '/v1/beds/nobody/alarm-rules', 404);
  await ask(t, template, '/v1/beds/%zz/alarm-rules', 400);
  const { etag } = (await ask(t, template, path, 200)) as { etag: string };
  const seen = { 'if-match': `"${etag}"` };
  const put = async (
    status: number,
    body: unknown,
    headers: Record<string, string> = seen,
    at = path,
  ): Promise<unknown> => ask(t, template, at, status, { method: 'PUT', body, headers });
  const remove = async (status: number, body: unknown, headers: Record<string, string>, at = path): Promise<unknown> =>
    ask(t, template, at, status, { method: 'DELETE', body, headers });
  const request = '/components/schemas/AlarmRulesRequest';
  const ada = { name: 'Ada', note: 'at night' };
  const good = { ...ada, rules: [{ priority: 'low', each: true, minimumScore: 0.1 }] };
  t.equal(document.problem(request, good), '');
  for (const body of [
    {},
    ada,
    { rules: [] },
    { ...good, name: ' ' },
    { ...good, note: 'x'.repeat(501) },
    { ...good, more: 1 },
    { ...good, rules: Array.from({ length: 21 }, () => good.rules[0]) },
    { ...good, rules: [{ priority: 'low', perHour: 1001 }] },
    { ...good, rules: [{ priority: 'low', each: true, minimumDerivations: 0 }] },
  ]) {
    t.not(document.problem(request, body), '', JSON.stringify(body));
    await put(400, body);
  }
  const everywhere = { ...seen, origin: 'https://elsewhere.example' };
  const form = { ...seen, 'content-type': 'application/x-www-form-urlencoded' };
  await put(403, good, everywhere);
  await put(404, good, seen, '/v1/beds/nobody/alarm-rules');
  await put(413, { x: 'x'.repeat(17_000) });
  await put(415, good, form);
  await put(428, good, {});
  t.match(await put(200, good), { source: 'person', lastChange: { what: 'changed', ...ada }, isStored: true });
  t.match(await put(412, good), { error: { current: { rules: good.rules, lastChange: ada } } });
  await ask(t, '/v1/beds', '/v1/beds', 200);
  await remove(400, {}, seen);
  await remove(403, ada, everywhere);
  await remove(404, ada, seen, '/v1/beds/nobody/alarm-rules');
  await remove(412, ada, seen);
  await remove(413, { x: 'x'.repeat(17_000) }, seen);
  await remove(415, ada, form);
  await remove(428, ada, {});
  t.match(await remove(200, ada, { 'if-match': '*' }), { source: 'config', lastChange: { what: 'withdrawn' } });
});

t.test('labels', async (t) => {
  await askForLabels(t, { url, document, ask });
});

t.test('a session where no token is asked for', async (t) => {
  await askForSession(t, { document, ask });
});

t.test('reload of the config', async (t) => {
  await askForReload(t, { configFile, ask });
});

t.test('replays', async (t) => {
  await askForReplays(t, { document, ask });
});

t.test('the timeline, with all that has been told by now', async (t) => {
  const path = '/v1/events';
  const kinds = new Set<string>();
  for (const query of ['after=0&limit=7&replays=true', 'from=0&limit=7&replays=true']) {
    for (let next: string | null = `${path}?${query}`; next !== null;) {
      const page = (await ask(t, path, next, 200)) as { records: { type: string }[]; next: string | null };
      for (const { type } of page.records) kinds.add(type);
      next = page.next;
    }
  }
  t.equal([...kinds].toSorted().join(' '), 'acknowledgement alarm alarmRules config event gap label stream');
  await ask(t, path, `${path}?kind=event,gap&bed=made-up&replays=false`, 200);
  for (const query of 'limit=0 limit=1001 after=-1 kind=chirp from=5&after=4 page=1_1 colour=blue bed=a&bed=b'.split(
    ' ',
  )) {
    await ask(t, path, `${path}?${query}`, 400);
  }
});

t.test('other paths and methods', async (t) => {
  for (const [method, path, status, response] of [
    ['GET', '/v1/none', 404, 'NotFound'],
    ['PUT', '/v1/beds', 405, 'MethodNotAllowed'],
    ['POST', '/v1/openapi.json', 405, 'MethodNotAllowed'],
  ] as const) {
    const answer = await fetch(new URL(path, url), { method });
    t.equal(answer.status, status, `${method} ${path}`);
    const pointer = `/components/responses/${response}/content/application~1json/schema`;
    t.equal(document.problem(pointer, await answer.json()), '', `${method} ${path}`);
  }
});

/**
 * Not to be had from a daemon that is well and has a config file; 101 and 403 of the WebSockets are looked at where they are opened, 401 and 403 for want
 * of a token in ../access.
 */
const ELSEWHERE =
  /^(?:\S+ \S+ (?:401|500|503)|POST \/v1\/config\/reload 409|GET \S+ (?:403|421)|(?:POST|PUT|DELETE) \S+ (?:202|421)|PATCH \S+ 421|GET \/v1\/(?:stream|ingest) 101)$/;

t.test('every answer that is documented has been seen', (t) => {
  const never: string[] = [];
  for (const [path, item] of Object.entries(document.served.paths)) {
    for (const [method, { responses = {} }] of Object.entries(item)) {
      for (const status of Object.keys(responses)) {
        const answer = `${method.toUpperCase()} ${path} ${status}`;
        if (!seen.has(answer) && !ELSEWHERE.test(answer)) never.push(answer);
      }
    }
  }
  t.same(never, []);
  t.end();
});
