import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ADAPTER_KINDS } from '../../../adapters/registry.js';
import { parseDocument } from 'yaml';
import { demonstrationConfig } from '../../../daemon/config/embedded.js';
import { loadConfig, parseConfig } from '../../../daemon/config/load.js';
import { configReference } from '../../../daemon/config/reference.js';
import { configSchema, type Config } from '../../../daemon/config/schema.js';
import { machineTimeZone } from '../../../daemon/config/time-zone.js';
import { packageRoot } from '../../../daemon/package-root.js';
import { errorText, isChirpdError } from '../../../pipelines/core/errors.js';

const EXAMPLE = join(packageRoot(), 'daemon/config/example.yaml');
const BED = '{ name: A, adapter: { kind: synthetic } }';

/** The lines that tell what is wrong. */
function problems(text: string, file = '/c.yaml'): string[] {
  try {
    parseConfig(text, file);
  } catch (error) {
    t.ok(isChirpdError(error, 'CONFIG_INVALID'), errorText(error));
    return errorText(error)
      .split('\n')
      .slice(1, -1)
      .map((line) => line.trim());
  }
  return [];
}

t.test('the example parses, and says what holds without it', (t) => {
  const config = loadConfig(EXAMPLE);
  const defaults = configSchema.parse({
    beds: [{ name: 'Bed 1', adapter: { kind: 'synthetic' } }],
  });
  t.same(config, defaults, 'every value in it is the default');
  t.end();
});

t.test('the example names every key', (t) => {
  const text = readFileSync(EXAMPLE, 'utf8');
  const keys = configReference()
    .split('\n')
    .flatMap((line) => /^(\S+?)(?: {2}\(|$)/.exec(line)?.[1] ?? [])
    .map((path) => path.split(/[.\]]/).at(-1)!.replace('[', ''))
    .filter((key) => !['kind:', 'startTimeMicros', 'durationSeconds'].includes(key));
  t.ok(keys.length > 20);
  for (const key of keys) t.match(text, new RegExp(`\\b${key}:`), key);
  t.end();
});

t.test('the commented keys of the example are valid too', (t) => {
  const text = readFileSync(EXAMPLE, 'utf8').replaceAll(/^( *)# (?=(?: {0,6}(?:- )?[a-z]+:))/gim, '$1');
  const found = problems(text, EXAMPLE);
  const nFiles = text.match(/^ +path: recordings\//gm)?.length ?? 0;
  t.equal(found.length, 4 + nFiles, found.join('\n'));
  t.match(found.join('\n'), /server\.tls\.key: there is no file/);
  t.match(found.join('\n'), /model\.path: there is no folder/);
  t.match(found.join('\n'), /model\.adapters: there is no folder/);
  for (let bed = 1; bed <= nFiles; bed++) {
    t.match(found.join('\n'), `beds[${String(bed)}].adapter.path: there is no file`);
  }
  t.end();
});

t.test('every error is told at once, with line and path', (t) => {
  const text = `server:
  port: 70000
  hots: localhost
model: { threads: 1.5, providers: [gpu] }
detection: { presence: 2 }
beds:
  - name: A
    adapter: { kind: edf }
    mainsHz: 55
  - name: " B"
    adapter: { kind: amplifier }
    profiles: [slow, slow]
    montage: sideways
    speed: 0
  - adapter: { kind: synthetic, seed: -1, sed: 2 }
`;
  t.same(problems(text).sort(), [
    '/c.yaml:10: beds[1].name: no space at either end',
    `/c.yaml:11: beds[1].adapter.kind: one of ${ADAPTER_KINDS.join(', ')} is needed`,
    '/c.yaml:12: beds[1].profiles: the same profile twice',
    '/c.yaml:13: beds[1].montage: auto, average, bipolar, recorded, or a list of derivations such as [F7-T7, T7-P7]',
    '/c.yaml:14: beds[1].speed: should be at least 0.1',
    '/c.yaml:15: beds[2].adapter.sed: there is no such key',
    '/c.yaml:15: beds[2].adapter.seed: should be at least 0',
    '/c.yaml:15: beds[2].name: is missing',
    '/c.yaml:2: server.port: should be at most 65535',
    '/c.yaml:3: server.hots: there is no such key',
    '/c.yaml:4: model.providers[0]: should be one of cuda, webgpu, cpu',
    '/c.yaml:4: model.threads: a whole number from 1 to 64, or auto',
    '/c.yaml:5: detection.presence: should be at most 0.99',
    '/c.yaml:8: beds[0].adapter.path: is missing',
    '/c.yaml:9: beds[0].mainsHz: 50, 60 or off',
  ]);
  t.end();
});

t.test('threads of the model: a number, or as many as are right', (t) => {
  t.equal(parseConfig(`beds: [${BED}]`, '/c.yaml').model.threads, 'auto');
  t.equal(parseConfig(`model: { threads: 3 }\nbeds: [${BED}]`, '/c.yaml').model.threads, 3);
  t.same(problems(`model: { threads: many }\nbeds: [${BED}]`), [
    '/c.yaml:1: model.threads: a whole number from 1 to 64, or auto',
  ]);
  t.end();
});

t.test('what a schema cannot see', (t) => {
  t.same(problems(`beds: [${BED}, ${BED}]`), ['/c.yaml:1: beds[1].name: "A" is already the name of beds[0]']);
  const missing = 'beds: [{ name: A, adapter: { kind: edf, path: no.edf } }]';
  t.same(problems(missing, '/somewhere/c.yaml'), [
    '/somewhere/c.yaml:1: beds[0].adapter.path: there is no file /somewhere/no.edf',
  ]);
  t.same(problems('beds: [{ name: A, adapter: { kind: edf, path: . } }]', '/tmp/c.yaml'), [
    '/tmp/c.yaml:1: beds[0].adapter.path: /tmp is not a file',
  ]);
  t.end();
});

t.test('others than this machine get in with TLS alone, unless the config insists', (t) => {
  const folder = t.testdir({ 'a.crt': '', 'a.key': '' });
  const found = (server: string): string[] => problems(`server: ${server}\nbeds: [${BED}]`, join(folder, 'c.yaml'));
  const tls = 'tls: { certificate: a.crt, key: a.key }';
  for (const host of ['127.0.0.1', '127.9.9.9', '"::1"', 'localhost', 'board.localhost']) {
    t.same(found(`{ host: ${host} }`), [], host);
  }
  for (const host of ['0.0.0.0', '"::"', '192.168.1.5', 'icu.example.org', '127.example.org']) {
    t.match(found(`{ host: ${host} }`).join(), /server\.host: others than this machine .*add server\.tls/, host);
    t.same(found(`{ host: ${host}, ${tls} }`), [], host);
    t.same(found(`{ host: ${host}, insecure: true }`), [], host);
    t.match(
      found(`{ host: ${host}, ${tls}, authentication: none }`).join(),
      /server\.authentication: .*leave this out/,
      host,
    );
  }
  t.end();
});

t.test('nothing, or no beds, is refused', (t) => {
  t.same(problems(''), ['/c.yaml: beds: is missing']);
  t.same(problems('beds: []'), ['/c.yaml:1: beds: should not be empty']);
  t.same(problems('- 1').length, 1);
  t.end();
});

t.test('text that is no YAML, and files that are not there', (t) => {
  t.throws(() => parseConfig('beds: [\n a: b\n', '/c.yaml'), { code: 'CONFIG_SYNTAX', message: /\/c\.yaml:\d: / });
  t.throws(() => loadConfig('/nowhere/c.yaml'), { code: 'CONFIG_UNREADABLE' });
  t.end();
});

t.test('aliases that lead nowhere, or stand for gigabytes, are refused where they stand', (t) => {
  const laughs = Array.from({ length: 9 }, (_, i) => {
    const inner = i === 0 ? 'lol' : `*a${String(i - 1)}`;
    return `a${String(i)}: &a${String(i)} [${Array.from({ length: 9 }, () => inner).join(', ')}]`;
  });
  const syntax = (text: string, message: RegExp): void => {
    t.throws(() => parseConfig(text, '/c.yaml'), { code: 'CONFIG_SYNTAX', message });
  };
  syntax(`${laughs.join('\n')}\nbeds: [*a8]`, /\n {2}\/c\.yaml:2: the aliases .* stand for too much/);
  syntax(`x: 1\nbeds: [*bed]`, /\n {2}\/c\.yaml:2: \*bed stands for nothing: there is no &bed before it/);
  syntax(`%YAML 1.1\n---\nbeds: [{ <<: 3 }]`, /\n {2}\/c\.yaml:3: Merge sources must be maps/);
  syntax(`beds: ${'['.repeat(5000)}`, /\n {2}\/c\.yaml:1: nested too deeply/);
  syntax(`beds: []\n---\nbeds: []`, /a second document begins/);
  const shared = 'beds: [{ name: A, adapter: &a { kind: synthetic } }, { name: B, adapter: *a }]';
  t.same(problems(shared), [], 'as people use them they are fine');
  t.end();
});

t.test('a prototype is a key like any other', (t) => {
  t.same(problems(`__proto__: { polluted: 1 }\nbeds: [${BED}]`), ['/c.yaml:1: __proto__: there is no such key']);
  t.match(problems('beds: [{ name: A, adapter: { kind: __proto__ } }]').join(), /beds\[0\]\.adapter\.kind: one of/);
  t.equal(({} as Record<string, unknown>)['polluted'], undefined);
  t.end();
});

t.test('paths that no file can have', (t) => {
  const bed = (path: string): string => `beds: [{ name: A, adapter: { kind: edf, path: ${path} } }]`;
  t.match(problems(bed('"a\\0b"')).join(), /beds\[0\]\.adapter\.path: there is no file to be had at "\/a\\u0000b"/);
  t.match(
    problems(bed('x'.repeat(9000))).join(),
    /beds\[0\]\.adapter\.path: there is no file to be had .*ENAMETOOLONG/,
  );
  t.match(problems(bed('/etc/passwd/x.edf')).join(), /beds\[0\]\.adapter\.path: there is no file to be had .*ENOTDIR/);
  t.end();
});

t.test('a file that is no config at all is told of in a hundred lines', (t) => {
  const text = Array.from({ length: 20_000 }, (_, i) => `k${String(i)}: 1`).join('\n');
  const startMs = performance.now();
  const found = problems(text);
  t.equal(found.length, 101);
  t.equal(found.at(-1), 'and 19901 more');
  t.ok(performance.now() - startMs < 10_000);
  t.end();
});

t.test('a map that stands where a key should is told on one line', (t) => {
  const found = problems(`{ "a": [1, 2], "b": { "c": 1, "d": "${'x y '.repeat(50)}" } }: 1`);
  t.equal(found.length, 2, found.join('\n'));
  t.match(found[1], /\{ "a": \[ 1, 2 \], "b": .*\.\.\.: there is no such key$/);
  t.end();
});

t.test('a file too large is not read', (t) => {
  const folder = t.testdir({ 'c.yaml': ' '.repeat(1024 * 1024 + 1) });
  t.throws(() => loadConfig(join(folder, 'c.yaml')), { code: 'CONFIG_UNREADABLE', message: /1048577 bytes/ });
  t.end();
});

t.test('relative paths count from the config file', (t) => {
  const folder = t.testdir({ recordings: { 'night.edf': '' }, model: {} });
  const text = `data: state\nmodel: { path: model }\nbeds: [{ name: A, adapter: { kind: edf, path: recordings/night.edf } }]`;
  const config: Config = parseConfig(text, join(folder, 'chirpd.yaml'));
  t.equal(config.data, join(folder, 'state'));
  t.equal(config.model.path, join(folder, 'model'));
  t.equal(config.beds[0]?.adapter['path'], join(folder, 'recordings/night.edf'));
  t.end();
});

t.test('off is a word, not a boolean', (t) => {
  t.equal(parseConfig(`beds: [{ name: A, mainsHz: off, adapter: { kind: synthetic } }]`, '/c').beds[0]?.mainsHz, 'off');
  t.equal(parseDocument('off').toJS(), 'off');
  t.end();
});

t.test('the demonstration has four beds that differ', (t) => {
  const { beds } = demonstrationConfig();
  t.equal(beds.length, 4);
  t.equal(new Set(beds.map(({ adapter }) => adapter['seed'])).size, 4);
  t.equal(new Set(beds.map(({ name }) => name)).size, 4);
  t.end();
});

t.test("a Cyton's channels are names or settings", (t) => {
  const bed = (channels: string): string =>
    `beds: [{ name: A, adapter: { kind: cyton, port: /dev/ttyUSB0, channels: ${channels} } }]`;
  const { adapter } = parseConfig(bed('[Fp1, { label: Fp2, gain: 12 }]'), '/c.yaml').beds[0]!;
  const defaults = { isOn: true, bias: true, srb2: true, srb1: false };
  t.match(adapter, {
    channels: [
      { label: 'Fp1', gain: 24, ...defaults },
      { label: 'Fp2', gain: 12, ...defaults },
    ],
  });
  t.match(problems(bed('[Fp1, { label: Fp2, gain: 5 }]')).join(), /channels\[1\]\.gain/);
  t.match(problems(bed('[Fp1, FP1]')).join(), /two channels have the same label/);
  t.match(problems(bed('[7]')).join(), /channels\[0\]/);
  t.match(configReference(), /beds\[\]\.adapter\.channels\[\]\.gain/);
  t.end();
});

t.test('the zone of the unit is one of the IANA table', (t) => {
  const withZone = (zone: string): string => `unit: { timeZone: ${zone} }\nbeds: [${BED}]`;
  for (const zone of ['Europe/Berlin', 'America/Argentina/Buenos_Aires', 'UTC']) {
    t.same(problems(withZone(zone)), [], zone);
  }
  for (const zone of ['Berlin', '"+01:00"', 'Europe/Nowhere', '""', 'CEST']) {
    const found = problems(withZone(zone)).join();
    t.match(found, /unit\.timeZone: .*such as Europe\/Berlin, America\/New_York/, zone);
  }
  t.ok(new Intl.DateTimeFormat('en', { timeZone: machineTimeZone() }), 'and that of this machine is one');
  t.end();
});
