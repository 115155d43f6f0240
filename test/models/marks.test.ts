import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { bandProfile, type ProfileName } from '../../pipelines/core/profile.js';
import {
  ORACLE_PYTHON,
  RECORDINGS_FOLDER,
  skipUnless,
  skipWithoutMne,
  skipWithoutRecordings,
} from '../adapters/recordings.js';

const FOLDER = 'models/training/marks';
const CHIRP_COLUMNS = 'file,profile,derivations,onset_s,offset_s,start_hz,end_hz,curve,confidence,note';
const EMPTY_COLUMNS = 'file,profile,derivations,start_s,end_s,note';

type Row = Readonly<Record<string, string>>;

/** Rows of a table; no field of it holds a comma or a quote. */
function table(name: string, columns: string): readonly Row[] {
  const lines = readFileSync(join(FOLDER, name), 'utf8').trimEnd().split('\n');
  if (lines[0] !== columns) throw new Error(`${name}: columns ${lines[0]}`);
  const names = columns.split(',');
  return lines.slice(1).map((line) => {
    const fields = line.split(',');
    if (fields.length !== names.length || line.includes('"')) throw new Error(`${name}: ${line}`);
    return Object.fromEntries(names.map((key, i) => [key, fields[i]!]));
  });
}

/** `t:hz;t:hz;...` */
const points = (text: string): readonly (readonly number[])[] => text.split(';').map((p) => p.split(':').map(Number));

function mark(args: readonly string[], eegFolder = RECORDINGS_FOLDER): { status: number | null; stdout: string } {
  const env = { ...process.env, CHIRPD_EEG_DIR: eegFolder, OMP_NUM_THREADS: '1' };
  const ran = spawnSync(ORACLE_PYTHON, ['models/training/mark.py', ...args], { env, encoding: 'utf8' });
  if (ran.error) throw ran.error;
  return { status: ran.status, stdout: ran.stdout + ran.stderr };
}

function skipWithoutMatplotlib(): false | string {
  const found = spawnSync(ORACLE_PYTHON, ['-c', 'import matplotlib, scipy'], { stdio: 'ignore' });
  return skipUnless(found.status === 0, 'matplotlib (Debian: python3-matplotlib)');
}

// Reading every marked recording takes a minute on a busy machine.
t.setTimeout(300_000);

t.test('there are enough marks, of every folder that has chirps', (t) => {
  const chirps = table('chirps.csv', CHIRP_COLUMNS);
  const empty = table('empty.csv', EMPTY_COLUMNS);
  const unseen = (row: Row): boolean => !/chb01|chb02|bonn\/[ZO]|neonatal\/demo/.test(row['file']!);
  t.ok(chirps.filter(unseen).length >= 60, `${chirps.filter(unseen).length} chirps of people training never saw`);
  t.ok(empty.filter(unseen).length >= 60, `${empty.filter(unseen).length} empty stretches of such people`);
  const folders = (rows: readonly Row[]): string[] =>
    [...new Set(rows.map((row) => row['file']!.split('/')[0]!))].sort();
  t.same(folders(chirps), ['bonn', 'chbmit', 'icu', 'neonatal', 'tle500']);
  t.same(folders(empty), ['bonn', 'chbmit', 'icu', 'neonatal', 'openbci', 'tle500']);
  t.end();
});

t.test('every marked chirp moves by four rows of its profile, along the curve that it gives', (t) => {
  for (const row of table('chirps.csv', CHIRP_COLUMNS)) {
    const curve = points(row['curve']!);
    const hz = curve.map(([, f]) => f!);
    const rowHz = bandProfile(row['profile'] as ProfileName).sampleRate / 256;
    const ends = ['onset_s', 'start_hz', 'offset_s', 'end_hz'].map((k) => Number(row[k]));
    const isForward = curve.every(([time], i) => i === 0 || time! > curve[i - 1]![0]!);
    const moves = Math.max(...hz) - Math.min(...hz) >= 4 * rowHz - 1e-9;
    const found = { moves, isForward, ends: [...curve[0]!, ...curve.at(-1)!] };
    t.same(found, { moves: true, isForward: true, ends }, `${row['file']} at ${row['onset_s']} s`);
  }
  t.end();
});

t.test('the marks fit the recordings', { skip: skipWithoutRecordings() || skipWithoutMne() }, (t) => {
  const { status, stdout } = mark(['check']);
  t.equal(status, 0, stdout);
  t.match(stdout, /\d+ chirps, \d+ empty stretches, 0 problems/);
  t.end();
});

t.test('check tells each rule that is broken', { skip: skipWithoutMatplotlib() }, (t) => {
  const folder = t.testdir();
  const chirp = (curve: string, note = ''): string => {
    const [first, last] = [points(curve)[0]!, points(curve).at(-1)!];
    return `icu/X.edf,slow,F7-avg,${first[0]},${last[0]},${first[1]},${last[1]},${curve},sure,${note}`;
  };
  const check = (chirps: readonly string[], empty: readonly string[]): string => {
    const anchors = chirps.map((line) => {
      const [file, profile, derivations, , , , , curve, confidence, note] = line.split(',');
      return [file, profile, derivations, curve, confidence, note].join(',');
    });
    writeFileSync(
      join(folder, 'anchors.csv'),
      ['file,profile,derivations,anchors,confidence,note', ...anchors].join('\n'),
    );
    writeFileSync(join(folder, 'chirps.csv'), [CHIRP_COLUMNS, ...chirps].join('\n'));
    writeFileSync(join(folder, 'empty.csv'), [EMPTY_COLUMNS, ...empty].join('\n'));
    const { status, stdout } = mark(['check', '--tables-only', '--folder', folder]);
    t.equal(status, stdout.includes(' 0 problems') ? 0 : 1, stdout);
    return stdout;
  };
  const good = '10:7;12:6.8;14:6.5;16:6.2;18:6';
  const inOrder = check([chirp(good)], ['icu/X.edf,slow,F8-avg,0,30,', 'icu/X.edf,slow,all,20,40,']);
  t.match(inOrder, '1 chirps, 2 empty stretches, 0 problems');
  const broken = [
    ['moves by less than 4 rows', '20:7;22:6.8;24:6.7;26:6.6;28:6.6'],
    ['times of the curve do not rise', '30:7;32:6.8;31:6.5;36:6.2;38:6'],
    ['too short', '40:7;40.5:6.8;41:6.5;41.2:6.2;41.5:6'],
    ["the curve leaves the profile's band", '50:17;52:6.8;54:6.5;56:6.2;58:6'],
    ['a curve has 5 to 12 points', '60:7;62:6.8;64:6.5;66:6.2'],
  ] as const;
  const told = check(
    [chirp(good), chirp(good), ...broken.map(([, curve]) => chirp(curve))],
    ['icu/X.edf,slow,all,0,30,', 'icu/X.edf,slow,all,70,89,'],
  );
  for (const [problem, curve] of broken) t.match(told, `icu/X.edf at ${curve.slice(0, 2)} s: ${problem}`);
  t.match(told, 'a row twice');
  t.match(told, 'holds the chirp at 10 s');
  t.match(told, 'at least 20 s');
  t.match(told, ' 10 problems', 'and nothing else');
  t.end();
});

t.test('anchors read off roughly are brought to the ridge', { skip: skipWithoutMatplotlib() }, (t) => {
  // 8 channels at 250 Hz as OpenBCI writes them: in the first, 8 Hz falling to 5 Hz from second 15 to 35, in noise.
  const truth = (seconds: number): number => 8 - (3 * (seconds - 15)) / 20;
  let seed = 1;
  let phase = 0;
  const lines = ['%OpenBCI Raw EEG Data'];
  for (let n = 0; n < 50 * 250; n++) {
    const seconds = n / 250;
    phase += (2 * Math.PI * truth(seconds)) / 250;
    seed = (seed * 1103515245 + 12345) % 2147483648;
    const noise = 60 * (seed / 2147483648 - 0.5);
    const value = noise + (seconds >= 15 && seconds <= 35 ? 20 * Math.sin(phase) : 0);
    lines.push([n % 256, value.toFixed(2), ...Array<string>(7).fill('0')].join(', '));
  }
  const folder = t.testdir({
    'chirp.txt': lines.join('\n'),
    'anchors.csv': 'file,profile,derivations,anchors,confidence,note\nchirp.txt,slow,EXG1,15:8.3;25:6.2;35:5.2,sure,\n',
  });
  const { status, stdout } = mark(['snap', '--folder', folder], folder);
  t.equal(status, 0, stdout);
  const fields = readFileSync(join(folder, 'chirps.csv'), 'utf8').trimEnd().split('\n')[1]!.split(',');
  t.same(fields.slice(3, 5), ['15.0', '35.0']);
  const curve = points(fields[7]!);
  t.equal(curve.length, 10);
  for (const [seconds, hz] of curve) {
    t.ok(Math.abs(hz! - truth(seconds!)) <= 0.15, `${hz} Hz at ${seconds} s, truly ${truth(seconds!).toFixed(2)} Hz`);
  }
  t.end();
});
