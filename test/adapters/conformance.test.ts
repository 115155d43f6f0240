import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { edfAdapter } from '../../adapters/edf/adapter.js';
import { edfOptionsSchema } from '../../adapters/edf/options.js';
import { lslAdapter } from '../../adapters/lsl/adapter.js';
import { ADAPTERS, ADAPTER_KINDS, type AdapterEntry } from '../../adapters/registry.js';
import { syntheticAdapter } from '../../adapters/synthetic/adapter.js';
import { syntheticOptionsSchema } from '../../adapters/synthetic/options.js';
import { smallFiles } from '../fixtures/edf/build.js';
import { smallRecordings } from '../fixtures/small-recordings.js';
import { adapterConformance } from './conformance.js';
import { SERIAL_DEVICES } from './serial-devices.js';
import { liveAdapterConformance } from './live-conformance.js';
import { lslRig } from './lsl/rig.js';
import { skipWithoutPeers } from './python-peers.js';

const folder = mkdtempSync(join(tmpdir(), 'chirpd-conformance-'));
t.teardown(() => {
  rmSync(folder, { recursive: true });
});

/** Open file descriptors of this process. */
function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

const tried = new Set<string>();

for (const [name, bytes] of Object.entries(smallFiles())) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  tried.add(edfAdapter.kind);
  void t.test(`edf: ${name}`, (t) => {
    adapterConformance(t, { adapter: edfAdapter, options: edfOptionsSchema.parse({ path }), resources: openFiles });
    t.end();
  });
}

for (const { kind, name, files, options } of smallRecordings()) {
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, file), bytes);
  tried.add(kind);
  void t.test(`${kind}: ${name}`, async (t) => {
    const entry: AdapterEntry = ADAPTERS[kind];
    const parsed = entry.optionsSchema.parse({ ...options, path: join(folder, name) });
    adapterConformance(t, { adapter: await entry.load(), options: parsed, resources: openFiles });
  });
}

for (const input of [
  { durationSeconds: 14.1, startTimeMicros: 0 },
  { durationSeconds: 20, startTimeMicros: 1e15, sampleRate: 100.5, nChannels: 3, chirps: false },
]) {
  tried.add(syntheticAdapter.kind);
  void t.test(`synthetic: ${JSON.stringify(input)}`, (t) => {
    adapterConformance(t, { adapter: syntheticAdapter, options: syntheticOptionsSchema.parse(input) });
    t.end();
  });
}

void t.test('session: the small EDF files of one kind, one after the other', async (t) => {
  tried.add('session');
  const [name, bytes] = Object.entries(smallFiles())[0] ?? ['', ''];
  const files = ['04.05.06', '04.15.06'].map((time, i) => {
    const moved = Buffer.from(bytes);
    moved.write(time, 176, 'latin1');
    const path = join(folder, `${String(i)}-${name}`);
    writeFileSync(path, moved);
    return { kind: 'edf', path };
  });
  adapterConformance(t, { adapter: await ADAPTERS.session.load(), options: { files }, resources: openFiles });
});

// Each takes half a minute: they are tried side by side in conformance-serial-*.test.ts.
for (const { adapter } of Object.values(SERIAL_DEVICES)) tried.add(adapter.kind);
void t.test('every serial device has a file that tries it', (t) => {
  const files = readdirSync('test/adapters').filter((name) => /^conformance-serial-.*\.test\.ts$/.test(name));
  const named = files.flatMap((name) => {
    const text = readFileSync(join('test/adapters', name), 'utf8');
    return [...text.matchAll(/^tryDevice\('(.+)'\);$/gm)].map((match) => match[1]);
  });
  t.same(named.sort(), Object.keys(SERIAL_DEVICES).sort());
  t.end();
});

for (const kind of ['push', 'stdin', 'tcp']) {
  const text = readFileSync(`test/adapters/conformance-${kind}.test.ts`, 'utf8');
  if (/^(liveA|a)dapterConformance\(t, /m.test(text)) tried.add(kind);
}

tried.add(lslAdapter.kind);
void t.test('lsl: an outlet of liblsl', { skip: skipWithoutPeers() }, (t) => {
  liveAdapterConformance(t, { adapter: lslAdapter, start: lslRig, resources: openFiles, silenceMs: 4000 });
  t.end();
});

void t.test('every registered adapter is tried', (t) => {
  t.same([...tried].sort(), [...ADAPTER_KINDS].sort());
  t.end();
});
