import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import asyncApiSpecs from '@asyncapi/specs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import fastify from 'fastify';
import t, { type Test } from 'tap';
import { ALARM_PRIORITIES, PATIENT_ALARM_CODES } from '../../../daemon/alarms/alarm-codes.js';
import { Labels } from '../../../daemon/labels/labels.js';
import { packageRoot } from '../../../daemon/package-root.js';
import { INGEST_CLOSE } from '../../../daemon/protocol/ingest-messages.js';
import { CLOSE, REGIONS, TIMELINE_TYPES, TOPICS, TREND_NAMES } from '../../../daemon/protocol/messages.js';
import { LoopDelay } from '../../../daemon/loop-delay.js';
import { HostPolicy } from '../../../daemon/server/host-policy.js';
import { WEBSOCKET_ROLES } from '../../../daemon/server/upgrades.js';
import { addHttpRoutes } from '../../../daemon/server/http-routes.js';
import { PROFILE_NAMES } from '../../../pipelines/core/profile.js';
import { startServer } from '../server/harness.js';
import { ApiDocument } from './api-document.js';
import { CLIENT_MESSAGES, SERVER_MESSAGES } from './example-messages.js';

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'protocol');

const { server, timeline, hub, alarms } = await startServer(t);
const openApi = await ApiDocument.read(server.url, '/v1/openapi.json');
const asyncApi = await ApiDocument.read(server.url, '/v1/asyncapi.json');

t.test('OpenAPI as its official schema has it, with all that it refers to', async (t) => {
  const { valid, errors } = await new Validator().validate(structuredClone(openApi.served));
  t.ok(valid, JSON.stringify(errors));
  t.equal(openApi.served['openapi'], '3.1.0');
  t.equal(openApi.served.info.version, '0.0.0-test');
  checkReferences(t, openApi);
});

t.test('AsyncAPI as its official schema has it, with all that it refers to', (t) => {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile(asyncApiSpecs.schemasWithoutId['3.0.0'] as object);
  t.ok(validate(asyncApi.served), ajv.errorsText(validate.errors));
  t.notOk(validate({ ...asyncApi.served, channels: { stream: { address: 1 } } }), 'and it would tell');
  t.equal(asyncApi.served.info.version, '0.0.0-test');
  checkReferences(t, asyncApi);
  t.end();
});

/** Everything that is referred to is there, and all that is there is referred to. */
function checkReferences(t: Test, document: ApiDocument): void {
  const referred = new Set(JSON.stringify(document.served).match(/(?<="\$ref":"#)[^"]+/g));
  const schemas = Object.keys(document.served.components.schemas).map((name) => `/components/schemas/${name}`);
  t.same(
    schemas.filter((pointer) => !referred.has(pointer)),
    [],
    'schemas that nothing uses',
  );
  for (const pointer of referred) {
    const found = pointer
      .slice(1)
      .split('/')
      .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document.served);
    t.ok(found !== undefined, pointer);
  }
}

t.test('routes: all that there are, and no others', async (t) => {
  const loopDelay = new LoopDelay();
  t.teardown(() => {
    loopDelay.stop();
  });
  const app = fastify();
  const routes = new Set<string>();
  const undeclared: string[] = [];
  const roles: Record<string, unknown> = {};
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.role === undefined) undeclared.push(`${String(method)} ${url}`);
    for (const one of [method].flat()) {
      if (one === 'HEAD' || url === '/*') continue;
      routes.add(`${one} ${url}`);
      roles[`${one} ${url}`] = config?.role;
    }
  });
  addHttpRoutes(app, {
    version: '',
    timeline,
    hub,
    health: {
      sources: { version: '', loopDelay, timeline, hub, alarms: () => alarms.open() },
      figures: () => {
        throw new Error('not asked');
      },
    },
    recordings: () => [],
    replays: () => undefined,
    reloads: {
      reload: () => Promise.reject(new Error('not asked')),
      state: { file: null, isReloading: false, inForceSinceMicros: 0, last: null },
    },
    alarms: { open: () => alarms.open(), board: alarms.board, rules: alarms.rules },
    labels: new Labels({ timeline, hub }),
    staticFiles: new Map(),
    hostPolicy: new HostPolicy(),
    log: undefined,
  });
  await app.ready();
  await app.close();
  const documented = Object.entries(openApi.served.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => key !== 'parameters')
      .map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  );
  t.same(documented.toSorted(), [...routes].toSorted());
  t.same(undeclared, [], 'each declares its role: app.get(path, needs(role), ...)');
  const documentedRoles = Object.entries(openApi.served.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([key]) => key !== 'parameters')
      .map(([method, operation]) => [
        `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
        operation['x-role'],
      ]),
  );
  t.same(Object.fromEntries(documentedRoles), roles, 'and the document says the same: x-role');
});

t.test('each WebSocket has the role that the document names', (t) => {
  const documented = Object.values(asyncApi.served.channels).map((channel) => [channel.address, channel['x-role']]);
  t.same(Object.fromEntries(documented), WEBSOCKET_ROLES);
  t.end();
});

/** Golden documents that are no messages. */
const HISTORIES = ['spectrogramHistory', 'bedHistory', 'waveformHistory'];

t.test('golden messages', (t) => {
  const names = new Map<string, string>();
  for (const [name, { type }] of Object.entries({ ...SERVER_MESSAGES, ...CLIENT_MESSAGES })) names.set(name, type);
  for (const name of names.keys()) {
    const text = readFileSync(join(FIXTURES, `${name}.json`), 'utf8');
    t.equal(asyncApi.messageProblem('stream', text), '', `${name}, JSON`);
    t.equal(asyncApi.messageProblem('stream', bytesOf(name)), '', `${name}, MessagePack`);
  }
  t.same(
    Object.keys(asyncApi.served.channels['stream']?.messages ?? {}).toSorted(),
    [...new Set(names.values())].toSorted(),
    'no message is undocumented, and none documented that there is not',
  );
  for (const name of HISTORIES) {
    const history: unknown = JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8'));
    t.equal(openApi.problem(`/components/schemas/${name.replace(/^./, (c) => c.toUpperCase())}`, history), '', name);
  }
  const files = readdirSync(FIXTURES).flatMap((file) => (file.endsWith('.json') ? file.slice(0, -5) : []));
  t.same(files.filter((name) => !names.has(name)).toSorted(), HISTORIES.toSorted(), 'all of them');
  t.end();
});

/** Hexadecimal lines of a golden file as bytes. */
function bytesOf(name: string): Buffer {
  return Buffer.from(readFileSync(join(FIXTURES, `${name}.msgpack.hex`), 'utf8').replaceAll('\n', ''), 'hex');
}

t.test('a wrong message is found', (t) => {
  const event = { ...SERVER_MESSAGES['event'] };
  const check = (value: object): string => asyncApi.messageProblem('stream', JSON.stringify(value));
  t.equal(check(event), '');
  t.match(check({ ...event, colour: 'blue' }), /additional properties/);
  t.match(check({ ...event, score: 1.5 }), /score must be <= 1/);
  t.match(check({ ...event, id: undefined }), /required property 'id'/);
  t.match(check({ ...event, spreads: { onsetSeconds: 1 } }), /spreads must have required/);
  t.match(check({ ...event, onsetTimeMicros: 0.5 }), /must be integer/);
  t.match(check({ type: 'chirp' }), /no message chirp/);
  t.end();
});

t.test('lists of names are those of the program', (t) => {
  const { schemas } = asyncApi.served.components;
  const enumOf = (...keys: string[]): unknown =>
    keys.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], schemas);
  t.same(enumOf('Topic', 'enum'), TOPICS);
  const region = openApi.served.components.schemas['RegionHistory']?.['properties'] as {
    region: { enum: unknown };
    trends: { required: unknown; properties: object };
  };
  t.same(region.region.enum, REGIONS);
  t.same(region.trends.required, TREND_NAMES);
  t.same(Object.keys(region.trends.properties), TREND_NAMES);
  t.same((enumOf('ProfileName', 'enum') as string[]).toSorted(), PROFILE_NAMES.toSorted());
  t.same(enumOf('Alarm', 'properties', 'code', 'enum'), [...Object.keys(ALARM_PRIORITIES), ...PATIENT_ALARM_CODES]);
  const records = openApi.served.components.schemas['TimelineRecord']?.['oneOf'] as { $ref: string }[];
  t.same(
    records.map(({ $ref }) => $ref.replace('#/components/schemas/', '').toLowerCase()).toSorted(),
    TIMELINE_TYPES.map((type) => type.toLowerCase()).toSorted(),
  );
  t.end();
});

t.test('close codes: those of the README, word for word, and all that the daemon closes with', (t) => {
  const readme = readFileSync(join(packageRoot(), 'daemon/protocol/README.md'), 'utf8');
  const rows = (heading: RegExp): string[][] => {
    const table = readme.slice(readme.search(heading)).split('\n');
    const lines = table.slice(
      2,
      table.findIndex((line) => line === ''),
    );
    return lines.map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  };
  const ofStream = asyncApi.served.channels['stream']?.['x-close-codes'] ?? {};
  t.same(
    rows(/\| Code \| Meaning/),
    Object.entries(ofStream).map(([code, { meaning, action }]) => [code, meaning, action]),
  );
  const ofIngest = asyncApi.served.channels['ingest']?.['x-close-codes'] ?? {};
  t.same(
    rows(/\| Code \| Error code/),
    Object.entries(ofIngest).map(([code, { meaning, action, error }]) => [
      code,
      error === undefined ? '' : `\`${error}\``,
      meaning,
      action,
    ]),
  );
  for (const code of Object.values(CLOSE)) t.ok(String(code) in ofStream, String(code));
  for (const code of Object.values(INGEST_CLOSE)) t.ok(String(code) in ofIngest, String(code));
  t.end();
});

t.test('every message has its operation', (t) => {
  const operations = Object.values(asyncApi.served.operations).flatMap(({ messages }) =>
    messages.map(({ $ref }) => $ref),
  );
  const answers = ['#/channels/stream/messages/subscribed'];
  for (const [channel, { messages }] of Object.entries(asyncApi.served.channels)) {
    for (const name of Object.keys(messages)) {
      const pointer = `#/channels/${channel}/messages/${name}`;
      t.ok(operations.includes(pointer) || answers.includes(pointer), pointer);
    }
  }
  t.end();
});
