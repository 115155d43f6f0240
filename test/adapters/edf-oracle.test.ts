import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { EdfFile } from '../../adapters/edf/file.js';
import { calibrationOf, decodeSamples } from '../../adapters/edf/samples.js';
import { sampleRateOf } from '../../adapters/edf/select.js';
import { parseRecordAnnotations } from '../../adapters/edf/tal.js';
import {
  edfFilesBelow,
  ORACLE_PYTHON,
  RECORDINGS_FOLDER,
  skipWithoutMne,
  skipWithoutRecordings,
} from './recordings.js';

const oracleSchema = z.array(
  z.object({
    path: z.string(),
    refused: z.string().optional(),
    startSeconds: z.number().nullish(),
    groups: z
      .array(
        z.object({ sampleRate: z.number(), signals: z.array(z.number()), nSamples: z.number(), values: z.string() }),
      )
      .default([]),
    annotations: z.array(z.tuple([z.number(), z.number(), z.string()])).default([]),
  }),
);
type OracleFile = z.output<typeof oracleSchema>[number];

/** Every value of every signal, and every annotation, as this reader gives them. */
async function readWhole(path: string): Promise<{ file: EdfFile; bytes: Uint8Array }> {
  const file = await EdfFile.open(path);
  const bytes = await file.readRecords(0, file.nRecords, new Uint8Array(file.nRecords * file.header.recordBytes));
  await file.close();
  return { file, bytes };
}

function valuesOf(file: EdfFile, bytes: Uint8Array, index: number): Float32Array {
  const signal = file.header.signals[index];
  if (signal === undefined) throw new Error(`no signal ${index}`);
  const { samplesPerRecord } = signal;
  const values = new Float32Array(file.nRecords * samplesPerRecord);
  const { bytesPerSample, recordBytes } = file.header;
  for (let record = 0; record < file.nRecords; record++) {
    const position = record * recordBytes + signal.byteOffset;
    const calibration = calibrationOf(signal, 1);
    decodeSamples(bytes, position, bytesPerSample, samplesPerRecord, calibration, values, record * samplesPerRecord);
  }
  return values;
}

function annotationsOf(file: EdfFile, bytes: Uint8Array): [number, number, string][] {
  const { header } = file;
  const found: [number, number, string][] = [];
  let firstOnset: number | undefined;
  let keepsTime = true;
  for (const signal of header.signals.filter(({ isAnnotation }) => isAnnotation)) {
    for (let record = 0; record < file.nRecords; record++) {
      const from = record * header.recordBytes + signal.byteOffset;
      const part = bytes.subarray(from, from + signal.samplesPerRecord * header.bytesPerSample);
      const { annotations, recordOnsetSeconds } = parseRecordAnnotations(part, keepsTime);
      firstOnset ??= recordOnsetSeconds;
      found.push(...annotations.map((a): [number, number, string] => [a.onsetSeconds, a.durationSeconds, a.text]));
    }
    keepsTime = false;
  }
  return found.map(([onset, duration, text]) => [onset - (firstOnset ?? 0), duration, text]);
}

function sorted(annotations: readonly (readonly [number, number, string])[]): string[] {
  return annotations.map(([onset, duration, text]) => `${onset.toFixed(9)} ${duration.toFixed(9)} ${text}`).sort();
}

/** What differs, in words; empty where all is equal. */
async function differences(expected: OracleFile): Promise<string[]> {
  if (expected.refused !== undefined) return [`MNE refuses it: ${expected.refused}`];
  const { file, bytes } = await readWhole(expected.path);
  const { header } = file;
  const found: string[] = [];
  for (const group of expected.groups) {
    const raw = readFileSync(group.values);
    const values = new Float64Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length));
    group.signals.forEach((index, row) => {
      const signal = header.signals[index];
      if (signal === undefined) throw new Error(`no signal ${index}`);
      const actual = valuesOf(file, bytes, index);
      const sampleRate = sampleRateOf(signal.samplesPerRecord, header.recordSeconds);
      if (actual.length !== group.nSamples)
        found.push(`${signal.label}: ${actual.length} samples, not ${group.nSamples}`);
      if (sampleRate !== group.sampleRate) found.push(`${signal.label}: ${sampleRate} Hz, not ${group.sampleRate}`);
      // Both compute in double precision, in another order: that much may differ before the rounding to float32.
      const noise = 1e-13 * Math.max(Math.abs(signal.physicalMinimum), Math.abs(signal.physicalMaximum));
      const wrong = actual.findIndex((value, i) => {
        const truth = values[row * group.nSamples + i] as number;
        return !(value >= Math.fround(truth - noise) && value <= Math.fround(truth + noise));
      });
      if (wrong >= 0) {
        found.push(`${signal.label}: sample ${wrong} is ${actual[wrong]}, not ${values[row * group.nSamples + wrong]}`);
      }
    });
  }
  const [own, theirs] = [sorted(annotationsOf(file, bytes)), sorted(expected.annotations)];
  if (own.join('\n') !== theirs.join('\n')) found.push(`annotations: ${own.join(', ')}; not ${theirs.join(', ')}`);
  if (typeof expected.startSeconds === 'number' && header.startTimeMicros !== expected.startSeconds * 1e6) {
    found.push(`start ${header.startTimeMicros}, not ${expected.startSeconds * 1e6}`);
  }
  return found;
}

t.setTimeout(120_000);

void t.test(
  'every recording reads as MNE-Python reads it',
  { skip: skipWithoutRecordings() || skipWithoutMne(), timeout: 120_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'chirpd-oracle-'));
    t.teardown(() => {
      rmSync(folder, { recursive: true });
    });
    const paths = edfFilesBelow(RECORDINGS_FOLDER);
    t.ok(paths.length >= 90, `${paths.length} files`);
    const result = spawnSync(ORACLE_PYTHON, ['test/adapters/edf_oracle.py', folder], {
      input: JSON.stringify(paths),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    t.equal(result.status, 0, 'the oracle ran');
    for (const expected of oracleSchema.parse(JSON.parse(result.stdout))) {
      t.same(await differences(expected), [], relative(RECORDINGS_FOLDER, expected.path));
    }
  },
);
