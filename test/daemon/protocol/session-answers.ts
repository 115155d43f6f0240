import type { Test } from 'tap';
import type { Documented } from './label-answers.js';

/** Asks `/v1/session` of a daemon without tokens for each answer that it has. */
export async function askForSession(t: Test, { document, ask }: Pick<Documented, 'document' | 'ask'>): Promise<void> {
  const path = '/v1/session';
  const nobody = { authentication: 'none', isInsecure: false, identity: null };
  const post = async (status: number, body: unknown, headers = {}): Promise<unknown> =>
    ask(t, path, path, status, { method: 'POST', body, headers });
  t.same(await ask(t, path, path, 200), nobody);
  t.same(await post(200, { token: 'any' }), nobody);
  t.same(await ask(t, path, path, 200, { method: 'DELETE' }), nobody);
  const request = '/components/schemas/SessionRequest';
  for (const body of [{}, { token: '' }, { token: 'x'.repeat(201) }, { token: 'x', more: 1 }]) {
    t.not(document.problem(request, body), '', JSON.stringify(body));
    await post(400, body);
  }
  const remove = { method: 'DELETE' };
  const foreign = { origin: 'https://elsewhere.example' };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  await post(403, { token: 'any' }, foreign);
  await ask(t, path, path, 403, { ...remove, headers: foreign });
  await post(413, { token: 'x'.repeat(2000) });
  await post(415, { token: 'any' }, form);
  await ask(t, path, path, 400, { ...remove, body: '{' });
  await ask(t, path, path, 413, { ...remove, body: 'x'.repeat(2000) });
  await ask(t, path, path, 415, { ...remove, body: 'x', headers: form });
}
