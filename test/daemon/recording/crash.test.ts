import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Random } from '../../../adapters/synthetic/random.js';
import { bedFolderName } from '../../../daemon/recording/file-name.js';
import { Recorder } from '../../../daemon/recording/recorder.js';
import { repairFile } from '../../../daemon/recording/repair.js';
import { createLog } from '../../../daemon/log.js';
import { bundleChild } from '../timeline/bundle-child.js';
import { blocks, START_MICROS, streamInfo } from './made-stream.js';
import { contentOf, filesOf, firstDifference, readFile, record, recordFolder } from './recorded.js';

const seed = Number(process.env['CHIRPD_TEST_SEED'] ?? Date.now() % 1_000_000);
const N_KILLS = Number(process.env['CHIRPD_TEST_KILLS'] ?? 12);
const SAMPLE_RATE = 256;

void t.test('a file cut at any byte gives all its whole records, before and after it is repaired', async (t) => {
  t.comment(`CHIRPD_TEST_SEED=${String(seed)}`);
  const random = new Random(seed, 'cuts');
  const folder = recordFolder(t);
  const info = streamInfo();
  const nRecords = 8;
  const items = [info, ...blocks(info, 0, nRecords * SAMPLE_RATE)];
  const expected = contentOf(items).samples;
  const [path = ''] = await record(folder, items);
  const bytes = readFileSync(path);
  bytes.write('-1      ', 236, 'latin1');
  const headerBytes = 256 * 5;
  const recordBytes = (bytes.length - headerBytes) / nRecords;
  t.ok(Number.isInteger(recordBytes));
  const cuts = [0, 1, 255, 256, headerBytes - 1, headerBytes, bytes.length];
  for (let record = 1; record <= nRecords; record++) {
    const end = headerBytes + record * recordBytes;
    cuts.push(end - 1, end, end + 1);
  }
  while (cuts.length < 80) cuts.push(Math.floor(random.uniform() * bytes.length));
  for (const cut of cuts) {
    const cutPath = join(folder, 'cut.bdf');
    writeFileSync(cutPath, bytes.subarray(0, Math.min(cut, bytes.length)));
    const nWhole = Math.max(0, Math.floor((Math.min(cut, bytes.length) - headerBytes) / recordBytes));
    const part = expected.map((values) => values.slice(0, nWhole * SAMPLE_RATE));
    if (nWhole > 0) {
      const { content } = await readFile(cutPath);
      t.equal(firstDifference(content.samples, part), undefined, `cut at ${String(cut)}, as it is`);
    }
    const repaired = await repairFile(cutPath);
    t.equal(repaired?.nRecords ?? 0, nWhole, `cut at ${String(cut)}: ${String(nWhole)} records`);
    if (repaired === undefined) continue;
    const { content } = await readFile(cutPath);
    t.equal(firstDifference(content.samples, part), undefined, `cut at ${String(cut)}, repaired`);
    t.equal(readFileSync(cutPath).toString('latin1', 236, 244).trim(), String(nWhole));
    t.equal((await repairFile(cutPath))?.wasRepaired, false, 'once');
  }
});

void t.test('records at the end that the disk never got are cut off', async (t) => {
  const folder = recordFolder(t);
  const info = streamInfo();
  const [path = ''] = await record(folder, [info, ...blocks(info, 0, 4 * SAMPLE_RATE)]);
  const bytes = readFileSync(path);
  bytes.write('-1      ', 236, 'latin1');
  // A file system that made room for two records and lost what was in them.
  writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(2 * ((bytes.length - 1280) / 4))]));
  t.equal((await repairFile(path))?.nRecords, 4);
  t.equal(readFileSync(path).length, bytes.length);
});

void t.test(`${String(N_KILLS)} SIGKILLs while recording: every acknowledged record is there`, async (t) => {
  t.comment(`CHIRPD_TEST_SEED=${String(seed)}`);
  const random = new Random(seed, 'kills');
  const folder = recordFolder(t);
  const script = bundleChild('record-child', folder, import.meta.dirname);
  const root = join(folder, 'recordings');
  const bedFolder = join(root, bedFolderName('Bed 1'));
  /** Start of a file to its acknowledged records. */
  const acknowledged = new Map<number, number>();
  for (let kill = 0; kill < N_KILLS; kill++) {
    const start = START_MICROS + kill * 1_000_000_000;
    const child = spawn(process.execPath, [script, bedFolder, '1000000', String(start)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    const closed = once(child, 'close');
    await once(child.stdout, 'data');
    await sleep(random.uniform() * 400);
    child.kill('SIGKILL');
    t.same((await closed)[1], 'SIGKILL', 'it ran until it was killed');
    for (const line of output.split('\n').slice(0, -1)) {
      const [, startMicros, nRecords] = line.split(' ').map(Number);
      acknowledged.set(startMicros ?? NaN, nRecords ?? NaN);
    }
    // Every third time nobody has repaired it when the next child begins.
    if (kill % 3 === 2 && kill < N_KILLS - 1) continue;
    const recorder = new Recorder({
      folder: root,
      log: createLog({ json: true, verbose: false, write: () => undefined }),
    });
    recorder.addBed('Bed 1');
    await recorder.start();
    await recorder.stop();
    const found = new Map(recorder.list().map((entry) => [entry.startTimeMicros, entry]));
    for (const [startMicros, nRecords] of acknowledged) {
      const entry = found.get(startMicros);
      const nFound = entry === undefined ? 0 : Math.round((entry.endTimeMicros - entry.startTimeMicros) / 1e6);
      t.ok(nFound >= nRecords && entry?.bed === 'Bed 1', `${String(nFound)} of ${String(nRecords)} acknowledged`);
    }
  }
  t.equal(acknowledged.size, N_KILLS);
  for (const path of filesOf(bedFolder)) {
    const { content } = await readFile(path);
    const { startTimeMicros } = content.info;
    const nSamples = (content.samples[0] ?? []).length;
    const info = streamInfo({ startTimeMicros });
    const whole = contentOf([info, ...blocks(info, 0, nSamples)]).samples;
    t.equal(firstDifference(content.samples, whole), undefined, `${String(nSamples)} samples`);
    t.ok(nSamples >= (acknowledged.get(startTimeMicros) ?? Infinity) * SAMPLE_RATE);
  }
  t.comment(`${String([...acknowledged.values()].reduce((sum, n) => sum + n, 0))} records acknowledged`);
});

void t.test('what is not the recorder’s own is left alone', async (t) => {
  const folder = recordFolder(t);
  const bedFolder = join(folder, bedFolderName('Bed 1'));
  const info = streamInfo();
  const [path = ''] = await record(bedFolder, [info, ...blocks(info, 0, 512)]);
  const bytes = readFileSync(path);
  mkdirSync(join(folder, 'other'));
  const others = [join(folder, 'other', '20260101T000000Z.bdf'), join(bedFolder, 'notes.bdf'), join(folder, 'a.txt')];
  for (const other of others) writeFileSync(other, 'mine');
  copyFileSync(path, join(bedFolder, '20260101T000000Z.bdf'));
  const recorder = new Recorder({
    folder,
    keepGigabytes: (1.5 * bytes.length) / 1e9,
    log: createLog({ json: true, verbose: false, write: () => undefined }),
  });
  await recorder.start();
  await recorder.stop();
  t.equal(recorder.list().length, 1, 'of two recordings one is kept');
  for (const other of others) t.equal(readFileSync(other, 'utf8'), 'mine');
});
