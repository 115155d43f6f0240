import type { Random } from '../../../adapters/synthetic/random.js';
import { damage, damageValue, HOSTILE_KEYS, HOSTILE_VALUES, pick, randomBytes } from '../../fuzz/damage.js';
import type { ServedDocument } from '../protocol/api-document.js';

type Json = Readonly<Record<string, unknown>>;

/** One operation of the document, and what it takes. */
interface Operation {
  readonly method: string;
  readonly template: string;
  readonly query: readonly string[];
  readonly body: unknown;
}

export interface HttpInput {
  readonly bytes: Buffer;
  readonly isHead: boolean;
  /** Whether the bytes are a whole HTTP request, which must be answered. */
  readonly isWhole: boolean;
  /** Where path and method are those of the document: the statuses there are all that may come. */
  readonly operation: Pick<Operation, 'method' | 'template'> | undefined;
}

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'MKCOL',
  'QUERY',
  'get',
  'CONNECT',
  'PRI',
  'X',
];
const PATHS = [
  ...[
    '/',
    '/index.html',
    '//',
    '/v1',
    '/v1/',
    '/V1/health',
    '/v1/health/',
    '/v1//health',
    '/v1/none',
    '/favicon.svg',
    '/../../etc/passwd',
  ],
  ...[
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/%00',
    '/%zz',
    '/%',
    '/\u00e9',
    '/v1/beds/../health',
    '*',
    'http://127.0.0.1/v1/health',
  ],
  ...[
    'http://elsewhere.example/v1/beds',
    '/v1/stream',
    '/v1/ingest',
    '/?',
    '/#',
    '/v1/beds?',
    `/${'a'.repeat(9000)}`,
    `/v1/beds/${'%41'.repeat(700)}/history`,
  ],
];
/** Of values in the path and in the query. */
const NAMES = [
  'made-up',
  'pushed',
  'broken',
  'nobody',
  'slow',
  'recording.edf',
  '1',
  '0',
  '60',
  '-1',
  '1.5',
  'event,gap',
  'true',
  'x,y',
  '1700000000000000',
];
const ENCODED = [
  '%00',
  '%2f',
  '..%2f..',
  '%',
  '%zz',
  '%c3%28',
  '%ff',
  '+',
  '%20',
  '..',
  '.',
  ';a=b',
  '%F0%9F%98%80',
  '\u00fc',
  'a/b',
  '',
];
const HOSTS = [
  'localhost',
  '[::1]',
  'elsewhere.example',
  '',
  '127.0.0.1:99999',
  'a b',
  '127.0.0.1@elsewhere.example',
  'x'.repeat(3000),
  '127.0.0.1\u0000',
];
const SUBPROTOCOLS = ['chirpd.v1.json', 'chirpd.v1.msgpack', 'x', ',,,', 'chirpd.bearer.x, chirpd.v1.json', ''];
const HEADERS: readonly (readonly [string, readonly string[]])[] = [
  ['Origin', ['null', 'http://elsewhere.example', '', 'http://127.0.0.1', 'file://', ':', 'http://[']],
  [
    'Authorization',
    ['Bearer', 'Bearer x', `Bearer ${'x'.repeat(5000)}`, 'Basic YTpi', '', 'bearer \u00e4', 'Bearer a b'],
  ],
  ['Cookie', ['chirpd_session=x', 'a=b; c=d', '=', ';;;;', 'x'.repeat(6000), 'chirpd_session=']],
  ['If-Match', ['*', '"0"', 'W/"x"', '""', '"', 'x, y', '"a", "b"']],
  ['If-None-Match', ['*', '"x"', '']],
  [
    'Content-Type',
    [
      'application/json',
      'text/plain',
      'application/json; charset=utf-16',
      'multipart/form-data',
      '',
      'application/JSON;;;',
      'a/b/c',
      'application/vnd.api+json',
    ],
  ],
  ['Content-Encoding', ['gzip', 'br', 'x']],
  ['Transfer-Encoding', ['chunked', 'gzip, chunked', 'identity', 'x', 'chunked, chunked', 'chunKED']],
  ['Content-Length', ['0', '1', '-1', '99999999999', '1e3', '0x10', '10, 10', '', '5']],
  ['Expect', ['100-continue', 'x']],
  ['Connection', ['close', 'keep-alive', 'Upgrade', 'x, y', 'keep-alive, Upgrade', '']],
  ['Upgrade', ['websocket', 'h2c', 'WebSocket', 'x', '']],
  ['Sec-WebSocket-Key', ['AAAAAAAAAAAAAAAAAAAAAA==', 'x', '']],
  ['Sec-WebSocket-Version', ['13', '8', 'x', '13, 8']],
  ['Sec-WebSocket-Protocol', SUBPROTOCOLS],
  ['Sec-WebSocket-Extensions', ['permessage-deflate', 'permessage-deflate; client_max_window_bits=99', 'x;;']],
  ['Sec-Fetch-Site', ['cross-site', 'same-origin', 'none', 'x']],
  ['Accept', ['*/*', 'application/json;q=x', 'text/html', 'x'.repeat(2000)]],
  ['Accept-Version', ['1', 'x', '1.2.3']],
  ['Range', ['bytes=0-1', 'bytes=-', 'x']],
  ['X-Forwarded-For', ['127.0.0.1', 'x']],
  ['X-HTTP-Method-Override', ['DELETE']],
  ['__proto__', ['x']],
  ['constructor', ['x']],
  ['Bad Name', ['x']],
  ['X-Long', ['x'.repeat(20_000)]],
  ['X-Bytes', ['\u0000', '\u0001\u007f', '\u00ff\u00fe', 'a\r\n b', 'a\rb']],
];

/** Makes requests of what a daemon says it answers. */
export class HttpRequests {
  readonly #document: ServedDocument;
  readonly #port: number;
  readonly #operations: readonly Operation[];
  /** Ids that there are. */
  readonly #names: readonly string[];

  constructor(document: ServedDocument, port: number, ids: readonly string[]) {
    this.#document = document;
    this.#port = port;
    this.#names = [...NAMES, ...ids];
    this.#operations = Object.entries(document.paths).flatMap(([template, item]) => {
      const shared = (item as Json)['parameters'];
      return Object.entries(item)
        .filter(([method]) => method !== 'parameters')
        .map(([method, operation]) => this.#operation(method, template, operation, shared));
    });
  }

  get templates(): readonly string[] {
    return Object.keys(this.#document.paths);
  }

  next(random: Random): HttpInput {
    if (random.uniform() < 0.02)
      return { bytes: randomBytes(random, random.whole(0, 300)), isHead: false, isWhole: false, operation: undefined };
    const operation = pick(random, this.#operations);
    let isWhole = true;
    let isDocumented = true;
    let { method } = operation;
    if (random.uniform() < 0.1) {
      method = pick(random, METHODS);
      isDocumented = false;
    }
    let path = operation.template.replaceAll(/\{\w+\}/g, () => {
      const isPlain = random.uniform() < 0.8;
      if (!isPlain) isDocumented = false;
      return isPlain
        ? encodeURIComponent(pick(random, this.#names))
        : pick(random, ENCODED) + pick(random, ['', 'x', '%00']);
    });
    if (random.uniform() < 0.06) {
      path = pick(random, PATHS);
      isDocumented = false;
    }
    path += this.#query(random, operation);
    const headers = [`Host: 127.0.0.1:${String(this.#port)}`];
    if (random.uniform() < 0.03) {
      headers[0] = `Host: ${pick(random, HOSTS)}`;
      isWhole = false;
    }
    const hasBody = operation.body !== undefined ? random.uniform() < 0.95 : random.uniform() < 0.05;
    const body = hasBody ? this.#body(random, operation.body) : Buffer.alloc(0);
    if (hasBody && random.uniform() < 0.95) headers.push('Content-Type: application/json');
    if (hasBody) headers.push(`Content-Length: ${String(body.length)}`);
    if (random.uniform() < 0.3) {
      for (let n = random.whole(1, 3); n > 0; n--) {
        const [name, values] = pick(random, HEADERS);
        headers.push(`${name}: ${pick(random, values)}`);
      }
      isWhole = false;
    }
    if (random.uniform() < 0.02) {
      headers.push('Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13');
      headers.push(
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
        `Sec-WebSocket-Protocol: ${pick(random, SUBPROTOCOLS)}`,
      );
      if (random.uniform() < 0.7) path = pick(random, ['/v1/stream', '/v1/ingest', '/v1/stream?x=%00', '/v1/beds']);
      isWhole = false;
    }
    if (random.uniform() < 0.003) for (let n = 0; n < 3000; n++) headers.push(`X-${String(n)}: y`);
    if (
      /[^\x21-\x7e]/.test(path) ||
      !/^[A-Z]+$/.test(method) ||
      method === 'CONNECT' ||
      method === 'PRI' ||
      method === 'X'
    )
      isWhole = false;
    const version =
      random.uniform() < 0.98
        ? 'HTTP/1.1'
        : pick(random, ['HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'HTTP', '', 'http/1.1', 'HTTP/1.1 x']);
    if (version !== 'HTTP/1.1' || headers.length > 100) isWhole = false;
    let bytes = Buffer.concat([
      Buffer.from(`${method} ${path} ${version}\r\n${headers.join('\r\n')}\r\n\r\n`, 'latin1'),
      body,
    ]);
    if (random.uniform() < 0.15) {
      bytes = Buffer.from(damage(random, bytes, 4));
      isWhole = false;
    }
    const isKnown = isWhole && isDocumented && method === operation.method;
    return { bytes, isHead: method === 'HEAD', isWhole, operation: isKnown ? operation : undefined };
  }

  #operation(method: string, template: string, operation: unknown, shared: unknown): Operation {
    const { parameters = [], requestBody } = operation as { parameters?: readonly Json[]; requestBody?: Json };
    const all = [...parameters, ...((shared as readonly Json[] | undefined) ?? [])].map((p) => this.#resolve(p));
    const content = this.#resolve(requestBody ?? {})['content'] as Record<string, Json> | undefined;
    return {
      method: method.toUpperCase(),
      template,
      query: all.filter((p) => p['in'] === 'query').map((p) => String(p['name'])),
      body: content?.['application/json']?.['schema'],
    };
  }

  #query(random: Random, { query }: Operation): string {
    const parts = query.flatMap((name) => {
      if (random.uniform() < 0.4) return [];
      const chance = random.uniform();
      if (chance < 0.6) return [`${name}=${encodeURIComponent(pick(random, this.#names))}`];
      if (chance < 0.75) return [`${name}=${pick(random, ENCODED)}`];
      const value = JSON.stringify(pick(random, HOSTILE_VALUES)).slice(0, 900);
      // A lone surrogate has no encoding.
      return [
        `${name}=${encodeURIComponent(value.replaceAll(/\p{Cs}/gu, '?'))}`,
        ...(chance > 0.95 ? [`${name}=2`] : []),
      ];
    });
    if (random.uniform() < 0.1)
      parts.push(`${encodeURIComponent(pick(random, HOSTILE_KEYS))}=${pick(random, ENCODED)}`);
    if (parts.length === 0) return random.uniform() < 0.03 ? '?' : '';
    return `?${parts.join(pick(random, ['&', '&', '&', '&', ';', '&&']))}`;
  }

  #body(random: Random, schema: unknown): Buffer {
    const chance = random.uniform();
    if (chance < 0.05) return randomBytes(random, random.whole(0, 200));
    if (chance < 0.08) return Buffer.from('['.repeat(random.whole(1, 900)));
    if (chance < 0.1) return Buffer.alloc(random.whole(1000, 40_000), 'x');
    if (chance < 0.13) return Buffer.from('{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}}}');
    let value = schema === undefined ? pick(random, HOSTILE_VALUES) : this.#sample(random, schema as Json, 0);
    for (let n = random.whole(0, 2); n > 0; n--) value = damageValue(random, value);
    const text = Buffer.from(JSON.stringify(value) ?? '');
    return chance < 0.85 ? text : Buffer.from(damage(random, text, 3));
  }

  /** A value that is about as a schema says. */
  #sample(random: Random, given: Json, depth: number): unknown {
    const schema = this.#resolve(given);
    const choices = (schema['oneOf'] ?? schema['anyOf']) as readonly Json[] | undefined;
    if (choices !== undefined) return this.#sample(random, pick(random, choices), depth + 1);
    if (schema['const'] !== undefined) return schema['const'];
    if (Array.isArray(schema['enum'])) return pick(random, schema['enum'] as unknown[]);
    const all = (schema['allOf'] as readonly Json[] | undefined) ?? [];
    if (all.length > 0) return Object.assign({}, ...all.map((part) => this.#sample(random, part, depth + 1)));
    const types = [schema['type']].flat();
    const properties = schema['properties'] as Readonly<Record<string, Json>> | undefined;
    if (properties !== undefined && depth < 8) {
      const required = new Set(schema['required'] as readonly string[] | undefined);
      const entries = Object.entries(properties).filter(([name]) => required.has(name) || random.uniform() < 0.5);
      return Object.fromEntries(entries.map(([name, inner]) => [name, this.#sample(random, inner, depth + 1)]));
    }
    if (types.includes('array')) {
      const items = schema['items'] as Json | undefined;
      if (items === undefined || depth > 8) return [];
      return Array.from({ length: random.whole(0, 3) }, () => this.#sample(random, items, depth + 1));
    }
    if (types.includes('integer'))
      return random.whole(Number(schema['minimum'] ?? 0), Number(schema['maximum'] ?? 2e15));
    if (types.includes('number'))
      return random.between(Number(schema['minimum'] ?? 0), Number(schema['maximum'] ?? 100));
    if (types.includes('boolean')) return random.uniform() < 0.5;
    return pick(random, [...this.#names, 'Ada', 'chirp', 'not-chirp', 'running', 'paused']);
  }

  #resolve(value: Json): Json {
    const reference = value['$ref'];
    if (typeof reference !== 'string') return value;
    let found: unknown = this.#document;
    for (const key of reference.slice(2).split('/'))
      found = (found as Json)[key.replaceAll('~1', '/').replaceAll('~0', '~')];
    return this.#resolve(found as Json);
  }
}
