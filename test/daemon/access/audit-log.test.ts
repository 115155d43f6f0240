import { existsSync, readFileSync, rmSync, statSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { AuditLog } from '../../../daemon/access/audit-log.js';
import { addToken } from '../../../daemon/access/change-tokens.js';
import { Guard } from '../../../daemon/access/guard.js';
import { startServer } from '../server/harness.js';
import { bearer } from './guarded-daemon.js';

interface Line {
  readonly token: string | null;
  readonly role: string | null;
  readonly what: string;
  readonly status?: number;
  readonly body?: string;
}

function lines(file: string): readonly Line[] {
  const text = readFileSync(file, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

t.test('grows by whole lines; the oldest of ten files goes', (t) => {
  const file = join(t.testdir(), 'audit.jsonl');
  const log = new AuditLog({ file, maxBytes: 1000 });
  const entry = { token: 'Ada', role: 'administer', address: '::1' } as const;
  for (let i = 0; i < 200; i++) log.add({ ...entry, what: String(i), body: 'x'.repeat(50) });
  const files = [file, ...Array.from({ length: 9 }, (_, i) => `${file}.${String(i + 1)}`)];
  for (const one of files) t.ok(statSync(one).size <= 1000, one);
  t.notOk(existsSync(`${file}.10`));
  const kept = files.toReversed().flatMap((one) => lines(one).map(({ what }) => Number(what)));
  t.same(
    kept,
    kept.map((_, i) => 200 - kept.length + i),
    'the newest, in order, none missing',
  );
  t.ok(kept.length > 40);
  t.equal(statSync(file).mode & 0o777, 0o600);
  log.add({ ...entry, what: 'long', body: 'y'.repeat(10_000) });
  t.equal(lines(file).at(-1)?.body?.length, 4003);
  t.end();
});

t.test('a disk that takes nothing is a problem, and over when it does', (t) => {
  const folder = join(t.testdir(), 'there');
  const log = new AuditLog({ file: join(folder, 'audit.jsonl') });
  const entry = { token: null, role: null, address: '::1', what: 'POST /v1/replays', status: 201 };
  log.add(entry);
  t.match(log.problem, 'ENOENT');
  mkdirSync(folder);
  log.add(entry);
  t.equal(log.problem, '');
  rmSync(folder, { recursive: true });
  t.end();
});

t.test('who acknowledged, configured and replayed what, and who may not', async (t) => {
  const folder = t.testdir();
  const file = join(folder, 'tokens.json');
  const [ward, viewer] = [addToken(file, 'Ward 3', 'administer'), addToken(file, 'visitor', 'view')];
  const guard = new Guard({ host: '127.0.0.1', port: 0, sessionHours: 1, dataDirectory: folder });
  const { server, alarms } = await startServer(t, { guard });
  alarms.board.raise({ code: 'CLOCK_JUMPED', text: 'it jumped' });
  const [alarm] = alarms.board.open();
  const ask = async (method: string, path: string, token: string | undefined, body: object): Promise<number> => {
    const headers = { ...bearer(token), 'content-type': 'application/json' };
    return (await fetch(new URL(path, server.url), { method, headers, body: JSON.stringify(body) })).status;
  };
  const path = `/v1/alarms/${alarm?.id ?? ''}/acknowledge`;
  const by = { name: 'Ada', note: 'seen' };
  t.equal(await ask('POST', path, undefined, by), 401);
  t.equal(await ask('POST', path, 'chirpd_wrong', by), 401);
  t.equal(await ask('POST', path, viewer, by), 403);
  t.equal(await ask('POST', path, ward, { name: '' }), 400);
  t.equal(await ask('POST', path, ward, by), 200);
  t.equal(await ask('POST', '/v1/replays', ward, { files: ['night.edf'] }), 503);
  t.equal(await ask('POST', '/v1/session', ward, { token: ward }), 200);
  t.match(alarms.board.open()[0]?.acknowledged, { ...by, token: 'Ward 3' });
  const audit = join(folder, 'audit.jsonl');
  const refused = { token: 'visitor', role: 'view', what: `POST ${path}`, status: 403, body: undefined };
  t.match(lines(audit), [
    refused,
    { token: 'Ward 3', role: 'administer', what: `POST ${path}`, status: 200, body: JSON.stringify(by) },
    { token: 'Ward 3', what: 'POST /v1/replays', status: 503, body: '{"files":["night.edf"]}' },
    { token: 'Ward 3', what: 'POST /v1/session', status: 200, body: undefined },
  ]);
  t.equal(lines(audit).length, 4, 'who has no token fills no disk');
  for (const token of [ward, viewer]) t.notMatch(readFileSync(audit, 'utf8'), token);
});
