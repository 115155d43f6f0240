import t from 'tap';
import { Random } from '../../../adapters/synthetic/random.js';
import { HttpFuzzer } from './http-fuzz.js';
import { HUNG_UP, RawHttp } from './raw-http.js';

/** `npm run fuzz` does more. */
const N_REQUESTS = 2000;

t.setTimeout(240_000);

t.test(`${String(N_REQUESTS)} hostile requests: each is answered as the document says`, async (t) => {
  const fuzzer = await HttpFuzzer.start();
  t.teardown(() => fuzzer.stop());
  const {
    counts,
    slowestMs,
    heldBytes = 0,
  } = await fuzzer.run({ nInputs: N_REQUESTS, seed: 1, onInput: () => undefined });
  t.comment(JSON.stringify(counts), `slowest ${slowestMs.toFixed(0)} ms, ${(heldBytes / 1e6).toFixed(0)} MB held`);
  t.equal(
    Object.values(counts).reduce((sum, n) => sum + n, 0),
    N_REQUESTS,
  );
  for (const status of ['200', '400', '404', '405', '415', '421', '426']) t.ok((counts[status] ?? 0) > 0, status);
  t.ok((counts[HUNG_UP] ?? 0) < N_REQUESTS / 20);

  const paths = new Set<string>();
  for (let i = 0; i < N_REQUESTS; i++) {
    const template = fuzzer.requests.next(new Random(1, `http ${String(i)}`)).operation?.template;
    if (template !== undefined) paths.add(template);
  }
  t.same([...paths].toSorted(), fuzzer.requests.templates.toSorted(), 'every path of the document is asked for');

  const ask = async (head: string): Promise<unknown> => {
    const connection = new RawHttp(fuzzer.port);
    const answer = await connection.ask(Buffer.from(`${head}\r\n\r\n`), {
      isHead: false,
      isLast: true,
      timeoutMs: 30_000,
    });
    connection.destroy();
    return answer === HUNG_UP ? answer : { status: answer.status, body: JSON.parse(answer.body.toString()) as unknown };
  };
  const host = `Host: 127.0.0.1:${String(fuzzer.port)}`;
  t.match(await ask('GET /v1/beds HTTP/1.1\r\nConnection: close'), {
    status: 421,
    body: { error: { code: 'PROTOCOL_FOREIGN_HOST' } },
  });
  t.match(await ask(`GET /v1/beds HTTP/1.1\r\n${host}\r\nExpect: miracles`), {
    status: 417,
    body: { error: { code: 'PROTOCOL_BAD_REQUEST', message: /miracles/ } },
  });
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13';
  for (const path of ['/v1/stream', '/v1/ingest']) {
    t.match(await ask(`GET ${path} HTTP/1.1\r\n${host}\r\n${upgrade}\r\nSec-WebSocket-Key: x`), {
      status: 400,
      body: { error: { code: 'PROTOCOL_BAD_REQUEST', message: /Sec-WebSocket-Key/ } },
    });
  }
});
