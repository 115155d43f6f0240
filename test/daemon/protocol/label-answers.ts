import type { Test } from 'tap';
import { until } from '../../until.js';
import type { ApiDocument } from './api-document.js';

export interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Documented {
  /** Of the daemon. */
  readonly url: string;
  readonly document: ApiDocument;
  /** Asks as the path stands, and looks at the answer as the document describes that of `template`. */
  readonly ask: (t: Test, template: string, path: string, status: number, asked?: Asked) => Promise<unknown>;
}

/** Every answer that the routes of labels give, on the bed `made-up`. */
export async function askForLabels(t: Test, { url, document, ask }: Documented): Promise<void> {
  const [list, ofEvent, table, withdraw] = [
    '/v1/beds/{bed}/labels',
    '/v1/beds/{bed}/events/{id}/labels',
    '/v1/beds/{bed}/labels.tsv',
    '/v1/beds/{bed}/labels/{id}/withdraw',
  ];
  let event = { id: '', onsetTimeMicros: 0, offsetTimeMicros: 0 };
  await until(
    async () => {
      const page = (await (await fetch(new URL('/v1/events?kind=event&bed=made-up', url))).json()) as {
        records: (typeof event)[];
      };
      event = page.records[0] ?? event;
      return event.id !== '';
    },
    'an event',
    120_000,
  );
  const post = async (template: string, path: string, status: number, body: unknown, headers = {}): Promise<unknown> =>
    ask(t, template, path, status, { method: 'POST', body, headers });
  const schema = (name: string): string => `/components/schemas/${name}`;
  const path = `/v1/beds/made-up/events/${event.id}/labels`;
  const good = {
    id: 'my-label-1',
    verdict: 'changed',
    text: 'artifact',
    startFrequencyHz: 4.5,
    name: 'Ada',
    note: 'blink',
  };
  t.equal(document.problem(schema('EventLabelRequest'), good), '');
  for (const body of [
    {},
    { verdict: 'confirmed' },
    { verdict: 'sure', name: 'A' },
    { verdict: 'added', name: 'A' },
    { verdict: 'changed', name: 'A' },
    { verdict: 'changed', text: '', name: 'A' },
    { verdict: 'confirmed', text: '', name: 'A' },
    { verdict: 'confirmed', onsetTimeMicros: 5, name: 'A' },
    { verdict: 'rejected', derivations: [], name: 'A' },
    { verdict: 'confirmed', name: '  ' },
    { verdict: 'confirmed', name: 'A\nB' },
    { verdict: 'confirmed', name: 'A', id: 'short' },
    { verdict: 'confirmed', name: 'A', colour: 'blue' },
    { verdict: 'changed', text: 'x'.repeat(101), name: 'A' },
    { verdict: 'changed', endFrequencyHz: -1, name: 'A' },
    { verdict: 'changed', derivations: [''], name: 'A' },
    { verdict: 'changed', onsetTimeMicros: 0.5, name: 'A' },
  ]) {
    t.not(document.problem(schema('EventLabelRequest'), body), '', JSON.stringify(body));
    await post(ofEvent, path, 400, body);
  }
  await post(ofEvent, path, 400, { verdict: 'changed', name: 'A', offsetTimeMicros: event.onsetTimeMicros });
  await post(ofEvent, path, 400, { verdict: 'changed', name: 'A', onsetTimeMicros: 5 });
  await post(ofEvent, path, 403, good, { origin: 'https://elsewhere.example' });
  await post(ofEvent, path, 413, { name: 'x'.repeat(40_000) });
  await post(ofEvent, path, 415, good, { 'content-type': 'application/x-www-form-urlencoded' });
  await post(ofEvent, '/v1/beds/made-up/events/none/labels', 404, good);
  await post(ofEvent, `/v1/beds/pushed/events/${event.id}/labels`, 404, good);
  t.match(await post(ofEvent, path, 201, good), { label: { event: event.id, bed: 'made-up' }, isInForce: true });
  await post(ofEvent, path, 200, good);
  await post(ofEvent, path, 409, { ...good, text: 'rhythm' });
  await ask(t, ofEvent, path, 405);
  await ask(t, ofEvent, '/v1/beds/made-up/events/%zz/labels', 400);

  const added = { onsetTimeMicros: event.onsetTimeMicros - 9e6, offsetTimeMicros: event.onsetTimeMicros, name: 'Bob' };
  t.equal(document.problem(schema('AddedLabelRequest'), added), '');
  const listPath = '/v1/beds/made-up/labels';
  for (const body of [{}, { ...added, text: '' }, { ...added, verdict: 'added' }, { ...added, name: undefined }]) {
    t.not(document.problem(schema('AddedLabelRequest'), JSON.parse(JSON.stringify(body))), '', JSON.stringify(body));
    await post(list, listPath, 400, body);
  }
  await post(list, listPath, 400, { ...added, offsetTimeMicros: added.onsetTimeMicros });
  await post(list, listPath, 400, { ...added, offsetTimeMicros: event.onsetTimeMicros + 3600e6 * 23 });
  await post(list, listPath, 400, { ...added, onsetTimeMicros: Math.round(added.onsetTimeMicros / 1000) });
  await post(list, listPath, 403, added, { origin: 'https://elsewhere.example' });
  await post(list, listPath, 413, { name: 'x'.repeat(40_000) });
  await post(list, listPath, 415, added, { 'content-type': 'application/x-www-form-urlencoded' });
  await post(list, '/v1/beds/nobody/labels', 404, added);
  const { label } = (await post(list, listPath, 201, added)) as { label: { id: string } };
  await post(list, listPath, 200, { ...added, id: label.id });
  await post(list, listPath, 409, { ...added, id: 'my-label-1' });

  t.match(await ask(t, list, listPath, 200), { labels: [{ name: 'Bob' }, { name: 'Ada' }], next: null });
  const first = (await ask(t, list, `${listPath}?limit=1&from=0`, 200)) as { next: string };
  t.match(await ask(t, list, first.next, 200), { labels: [{ name: 'Ada' }], next: null });
  t.match(await ask(t, list, `${listPath}?event=${event.id}`, 200), { labels: [{ text: 'artifact' }] });
  t.match(await ask(t, list, `${listPath}?to=0`, 200), { labels: [] });
  for (const query of ['limit=0', 'colour=blue', 'from=x']) await ask(t, list, `${listPath}?${query}`, 400);
  const span = `from=${event.onsetTimeMicros - 60e6}&to=${event.onsetTimeMicros + 60e6}`;
  t.match(
    await ask(t, table, `${listPath}.tsv?${span}`, 200),
    /^onset\tduration\teventType\t.*\n51\.000\t9\.000\tchirp/,
  );
  for (const query of ['', 'from=0', 'from=1&to=1']) await ask(t, table, `${listPath}.tsv?${query}`, 400);

  const back = `${listPath}/my-label-1/withdraw`;
  await ask(t, withdraw, back, 405);
  await ask(t, withdraw, `${listPath}/%zz/withdraw`, 400);
  for (const body of [{}, { name: '' }, { name: 'A', id: 'x' }]) {
    t.not(document.problem(schema('WithdrawRequest'), body), '', JSON.stringify(body));
    await post(withdraw, back, 400, body);
  }
  await post(withdraw, back, 403, { name: 'A' }, { origin: 'https://elsewhere.example' });
  await post(withdraw, back, 413, { name: 'x'.repeat(40_000) });
  await post(withdraw, back, 415, { name: 'A' }, { 'content-type': 'application/x-www-form-urlencoded' });
  await post(withdraw, `${listPath}/none-such/withdraw`, 404, { name: 'A' });
  t.match(await post(withdraw, back, 200, { name: 'Eve' }), {
    label: { what: 'withdrawn', name: 'Eve' },
    isInForce: false,
  });
  await post(withdraw, back, 200, { name: 'Eve' });
  t.match(await ask(t, list, listPath, 200), { labels: [{ name: 'Bob' }] });
}
