import type { Test } from 'tap';
import { until } from '../../until.js';
import type { Documented } from './label-answers.js';

/** Every answer that `/v1/replays` gives, with the recordings of the served daemon's archive. */
export async function askForReplays(t: Test, { document, ask }: Pick<Documented, 'document' | 'ask'>): Promise<void> {
  const [all, one] = ['/v1/replays', '/v1/replays/{id}'];
  const post = async (status: number, body: unknown, headers = {}): Promise<{ id: string }> =>
    (await ask(t, all, all, status, { method: 'POST', body, headers })) as { id: string };
  const request = '/components/schemas/ReplayRequest';
  const files = ['recording.edf'];
  for (const body of [
    {},
    { files: [] },
    { files, speed: 0.05 },
    { files, speed: 'fast' },
    { files, fromSeconds: -1 },
    { files, more: 1 },
    { files, bed: '' },
    { files, profiles: ['slow', 'slow'] },
    { files, montage: 'none' },
    { files, mainsHz: 55 },
    { files: 'recording.edf' },
  ]) {
    t.not(document.problem(request, body), '', JSON.stringify(body));
    await post(400, body);
  }
  await post(403, { files: ['/etc/passwd'] });
  await post(403, { files }, { origin: 'https://elsewhere.example' });
  await post(413, { files: ['x'.repeat(300_000)] });
  await post(415, { files }, { 'content-type': 'application/x-www-form-urlencoded' });
  await post(422, { files: ['damaged.edf'] });
  const good = {
    files,
    bed: 'replayed',
    speed: 2,
    fromSeconds: 5,
    paused: true,
    montage: 'average',
    profiles: ['slow'],
    mainsHz: 50,
  };
  t.equal(document.problem(request, good), '');
  const { id } = await post(201, good);
  await post(409, good);
  const path = `${all}/${id}`;
  const change = async (status: number, body: unknown, at = path, headers = {}): Promise<unknown> =>
    ask(t, one, at, status, { method: 'PATCH', body, headers });
  await ask(t, all, all, 200);
  await ask(t, one, path, 200);
  await ask(t, one, `${all}/none`, 404);
  await ask(t, one, `${all}/%zz`, 400);
  const changes = '/components/schemas/ReplayChange';
  for (const body of [{ speed: 0 }, { pause: true }, { seekSeconds: -1 }]) {
    t.not(document.problem(changes, body), '', JSON.stringify(body));
    await change(400, body);
  }
  const faster = { speed: 'max', paused: false, seekSeconds: 150 };
  t.equal(document.problem(changes, faster), '');
  await change(404, faster, `${all}/none`);
  await change(403, faster, path, { origin: 'https://elsewhere.example' });
  await change(413, { speed: 'x'.repeat(2000) });
  await change(415, faster, path, { 'content-type': 'application/x-www-form-urlencoded' });
  t.match(await change(200, faster), { run: 2, speed: 'max' });
  await until(async () => ((await ask(t, one, path, 200)) as { state: string }).state === 'ended', 'its end', 120_000);
  await change(409, { paused: true });
  const remove = { method: 'DELETE' };
  await ask(t, one, path, 403, { ...remove, headers: { origin: 'https://elsewhere.example' } });
  await ask(t, one, path, 400, { ...remove, body: '{' });
  await ask(t, one, path, 413, { ...remove, body: 'x'.repeat(2000) });
  await ask(t, one, path, 415, {
    ...remove,
    body: 'x',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  await ask(t, one, path, 200, remove);
  await ask(t, one, path, 404, remove);
}
