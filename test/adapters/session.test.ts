import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { folderRecordings } from '../../adapters/folder-recordings.js';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { openAdapter } from '../../adapters/registry.js';
import { buildEdf, type EdfRecipe } from '../fixtures/edf/build.js';
import { annotationsOf, codeOf, gapsOf, infoOf, outcomeOf, samplesOf, type Outcome } from './replay-file.js';

const folder = mkdtempSync(join(tmpdir(), 'chirpd-session-'));
t.teardown(() => {
  rmSync(folder, { recursive: true });
});

const RATE = 100;

/** Digital value of a sample of the whole session, wherever its file begins. */
function valueAt(i: number): number {
  return ((i * 37) % 2001) - 1000;
}

/** Seconds `from` to `to` of the session as a file that begins there. */
function piece(name: string, from: number, to: number, recipe: Partial<EdfRecipe> = {}): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const bytes = buildEdf({
    nRecords: to - from,
    time: `04.${two(Math.floor(from / 60))}.${two(from % 60)}`,
    signals: ['Fp1', 'F7'].map((label, channel) => ({
      label,
      samplesPerRecord: RATE,
      digitalAt: (i) => valueAt(from * RATE + i + channel),
    })),
    annotations: (record) =>
      `+${String(record)}\x14\x14\0+${String(record)}.5\x14second ${String(from + record)}\x14\0`,
    ...recipe,
  });
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function session(paths: readonly string[], fromSeconds?: number): Promise<Outcome> {
  const files = paths.map((path) => ({ kind: 'edf', path }));
  const context = { pacer: fullSpeedPacer(), ...(fromSeconds !== undefined && { fromSeconds }) };
  return openAdapter('session', { files }, context).then(outcomeOf);
}

async function whole(from: number, to: number): Promise<Outcome> {
  const path = piece(`whole-${String(from)}-${String(to)}.edf`, from, to);
  return outcomeOf(await openAdapter('edf', { path }, { pacer: fullSpeedPacer() }));
}

void t.test('files one after the other are one stream, in whatever order they are named', async (t) => {
  const [c, a, b] = [piece('c.edf', 15, 20), piece('a.edf', 0, 7), piece('b.edf', 7, 15)];
  const found = await session([c, a, b]);
  const wanted = await whole(0, 20);
  t.equal(found.error, undefined);
  t.same(samplesOf(found, 0), samplesOf(wanted, 0));
  t.same(samplesOf(found, 1), samplesOf(wanted, 1));
  t.same(gapsOf(found), []);
  t.same(annotationsOf(found), annotationsOf(wanted));
  t.same(infoOf(found).channels, infoOf(wanted).channels);
  t.match(infoOf(found), { nSamplesTotal: 2000, startTimeMicros: infoOf(wanted).startTimeMicros });
  t.equal(infoOf(found).source, 'a.edf and 2 more');
  t.equal(infoOf(await session([a])).source, 'a.edf');
});

void t.test('what lies between files is a gap, by their start times', async (t) => {
  const found = await session([piece('d.edf', 0, 5), piece('e.edf', 8, 10)]);
  t.same(gapsOf(found), [[500, 300]]);
  t.equal(infoOf(found).nSamplesTotal, 1000);
  t.same(samplesOf(found, 0), [...samplesOf(await whole(0, 5), 0), ...samplesOf(await whole(8, 10), 0)]);
});

void t.test('from the middle: the same samples under the same numbers, and nothing before', async (t) => {
  const paths = [piece('f.edf', 0, 5), piece('g.edf', 8, 12), piece('h.edf', 12, 20)];
  const all = await session(paths);
  for (const from of [0, 3.25, 5, 6.5, 8, 9.37, 12, 19.999, 20, 100]) {
    const found = await session(paths, from);
    const first = Math.ceil(from * RATE);
    t.same(infoOf(found), infoOf(all), `from ${String(from)} s: the stream is the same`);
    const places = ({ items }: Outcome): Map<number, number> =>
      new Map(
        items.flatMap((item) =>
          item.type === 'block'
            ? [...(item.samples[0] ?? [])].map((value, i): [number, number] => [item.firstSample + i, value])
            : [],
        ),
      );
    t.same(
      [...places(found)],
      [...places(all)].filter(([sample]) => sample >= first),
    );
    t.same(
      gapsOf(found),
      from < 8 && from >= 5 ? [[Math.max(500, first), 800 - Math.max(500, first)]] : from < 5 ? [[500, 300]] : [],
    );
    t.ok(annotationsOf(found).every(([onset]) => onset >= from));
  }
});

void t.test('headers tell whole seconds: a little early is no error, more is', async (t) => {
  const a = piece('i.edf', 0, 5);
  const early = await session([a, piece('j.edf', 4, 6)]);
  t.equal(early.error, undefined);
  t.same(gapsOf(early), []);
  t.equal(infoOf(early).nSamplesTotal, 700);
  t.equal(codeOf(await session([a, piece('k.edf', 3, 6)])), 'RECORDING_SESSION_ORDER');
});

void t.test('other channels or another rate are another session', async (t) => {
  const a = piece('l.edf', 0, 5);
  const rate = piece('m.edf', 5, 6, {
    signals: [
      { label: 'Fp1', samplesPerRecord: 50 },
      { label: 'F7', samplesPerRecord: 50 },
    ],
  });
  const labels = piece('n.edf', 5, 6, { signals: [{ label: 'Fp1', samplesPerRecord: 100 }] });
  for (const other of [rate, labels]) {
    const found = await session([a, other]);
    t.equal(codeOf(found), 'RECORDING_SESSION_MIXED');
    t.match(String(found.error), other);
    t.same(found.items, []);
  }
});

void t.test('a file that is cut off keeps none of the others away, and is told at the end', async (t) => {
  const found = await session([piece('o.edf', 0, 5, { nRecordsText: '9' }), piece('p.edf', 9, 12)]);
  t.equal(codeOf(found), 'EDF_TRUNCATED');
  t.same(gapsOf(found), [[500, 400]]);
  t.equal(samplesOf(found, 0).length, 800);
});

void t.test('the recordings of a folder', async (t) => {
  const inner = join(folder, 'inner');
  mkdirSync(join(inner, 'deeper.edf'), { recursive: true });
  await t.rejects(folderRecordings(inner), { code: 'RECORDING_SESSION_FOLDER' });
  for (const name of ['b.bdf', 'a.edf', 'a.tsv', 'notes.txt', '.hidden.edf']) writeFileSync(join(inner, name), 'x');
  t.same(
    (await folderRecordings(inner)).map(({ kind, path }) => [kind, path.slice(inner.length + 1)]),
    [
      ['edf', 'a.edf'],
      ['edf', 'b.bdf'],
    ],
  );
  await t.rejects(folderRecordings(join(folder, 'none')), { code: 'RECORDING_SESSION_FOLDER' });
});
