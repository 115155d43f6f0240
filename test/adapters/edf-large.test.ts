import { execFile } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import t from 'tap';
import { buildEdf } from '../fixtures/edf/build.js';
import type { LargeFileReport } from './edf-large-child.js';

const CHANNELS = 'Fp1 Fp2 F3 F4 C3 C4 P3 P4 O1 O2 F7 F8 T7 T8 P7 P8 Fz Cz Pz FT9 FT10 TP9 TP10'.split(' ');

t.setTimeout(120_000);

void t.test('a file of 4 GB opens at once and streams in constant memory', { timeout: 120_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-large-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const recordBytes = CHANNELS.length * 256 * 2;
  const nRecords = Math.ceil(4.1e9 / recordBytes);
  const signals = CHANNELS.map((label) => ({ label, samplesPerRecord: 256 }));
  const header = buildEdf({ nRecords: 0, nRecordsText: String(nRecords), signals });
  const path = join(folder, 'large.edf');
  const file = openSync(path, 'w');
  writeSync(file, header);
  ftruncateSync(file, header.length + nRecords * recordBytes);
  writeSync(file, Buffer.from([77]), 0, 1, header.length + nRecords * recordBytes - 1);
  closeSync(file);

  // Plain JavaScript in a process of its own: what a test's TypeScript loader needs would be counted otherwise.
  const child = join(folder, 'child.mjs');
  buildSync({
    entryPoints: [join(import.meta.dirname, 'edf-large-child.ts')],
    outfile: child,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  const nWanted = Math.ceil(300e6 / recordBytes) * 256;
  const { stdout } = await promisify(execFile)(process.execPath, [child, path, String(nWanted)]);
  const report = JSON.parse(stdout) as LargeFileReport;
  t.comment(JSON.stringify(report));
  t.ok(report.openMs < 100, `opened in ${report.openMs} ms`);
  t.ok(report.infoMs < 100, `first item after ${report.infoMs} ms`);
  t.ok(report.nSamples >= nWanted, '300 MB were read');
  t.ok(report.peakBytes < 200e6, `${Math.round(report.peakBytes / 1e6)} MB of resident memory`);
  t.equal(report.lastByte, 77, 'positions beyond 4 GB are right');
});
