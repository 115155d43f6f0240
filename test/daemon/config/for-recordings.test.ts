import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { demonstrationConfig } from '../../../daemon/config/embedded.js';
import { configForRecordings } from '../../../daemon/config/for-recordings.js';
import { parseConfig } from '../../../daemon/config/load.js';
import { csvText } from '../../fixtures/text/build.js';
import { smallFiles } from '../../fixtures/edf/build.js';
import { smallRecordings } from '../../fixtures/small-recordings.js';

const folder = mkdtempSync(join(tmpdir(), 'chirpd-for-recordings-'));
t.teardown(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, content: Buffer | string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const base = { base: demonstrationConfig(), isBaseGiven: false, settings: {} };

void t.test('each file is a bed of its own kind', async (t) => {
  const [edf] = Object.entries(smallFiles()).map(([name, bytes]) => write(name, bytes));
  const recordings = smallRecordings().filter(({ options }) => Object.keys(options).length === 0);
  const files = recordings.map(({ name, files }) => {
    for (const [file, bytes] of Object.entries(files)) write(file, bytes);
    return join(folder, name);
  });
  const { beds } = await configForRecordings({ ...base, files: [edf ?? '', ...files] });
  t.same(
    beds.map(({ adapter }) => adapter.kind),
    ['edf', ...recordings.map(({ kind }) => kind)],
  );
  t.ok(new Set(recordings.map(({ kind }) => kind)).size >= 4);
});

void t.test('no file of another ending, and none that lacks what must be stated', async (t) => {
  await t.rejects(configForRecordings({ ...base, files: [write('night.mat', '')] }), { code: 'ADAPTER_FILE_KIND' });
  const table = write('night.csv', csvText({ names: ['Fp1 (uV)', 'C3 (uV)'], row: (i) => [i, -i] }));
  await t.rejects(configForRecordings({ ...base, files: [table] }), { code: 'CSV_SAMPLE_RATE' });
  const text = `beds: [{ name: night, adapter: { kind: csv, path: ${table}, sampleRate: 64 } }]`;
  const lending = parseConfig(text, join(folder, 'c.yaml'));
  const other = write('other.csv', csvText({ names: ['Fp1 (uV)'], row: (i) => [i] }));
  const given = { base: lending, isBaseGiven: true, settings: {} };
  const { beds } = await configForRecordings({ ...given, bed: 'night', files: [other] });
  t.match(beds[0]?.adapter, { kind: 'csv', path: other, sampleRate: 64 }, 'a bed of the config lends its options');
  const { beds: edfBeds } = await configForRecordings({
    ...given,
    bed: 'night',
    files: [write('night.edf', Object.values(smallFiles())[0] ?? '')],
  });
  t.equal(edfBeds[0]?.adapter.kind, 'edf', 'but not to a file of another kind');
});
