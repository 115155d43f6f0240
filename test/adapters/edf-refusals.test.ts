import { execFileSync } from 'node:child_process';
import { mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { edfAdapter } from '../../adapters/edf/adapter.js';
import { edfOptionsSchema } from '../../adapters/edf/options.js';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { isChirpdError } from '../../pipelines/core/errors.js';
import { buildEdf } from '../fixtures/edf/build.js';
import { damaged, folder, good, infoOf, nSamplesOf, replay, write } from './edf-replay.js';

void t.test('files that cannot be read are refused with a code, the field, and what was found', async (t) => {
  // Per-signal fields of a file of two signals: labels at 256, units at 448, then four calibration fields.
  const physicalMinimum = 256 + 2 * (16 + 80 + 8);
  const refusals: readonly (readonly [string, Uint8Array, string, RegExp])[] = [
    ['an empty file', Buffer.alloc(0), 'EDF_HEADER_TRUNCATED', /0 bytes, 256 needed/],
    ['a text', Buffer.from('hello world, this is no EEG at all. '.repeat(20)), 'EDF_NOT_EDF', /"hello wo"/],
    ['an almost BDF', Buffer.concat([Buffer.from([255]), Buffer.alloc(600, 32)]), 'EDF_NOT_EDF', /BIOSEMI/],
    ['a header cut off early', buildEdf(good).subarray(0, 200), 'EDF_HEADER_TRUNCATED', /200 bytes/],
    ['a header cut off late', buildEdf(good).subarray(0, 700), 'EDF_HEADER_TRUNCATED', /700 bytes, 768 needed/],
    ['a wrong header length', damaged(184, '512     '), 'EDF_HEADER_SIZE', /"512".*2 signals need 768/],
    ['a wrong signal count', damaged(252, '1   '), 'EDF_HEADER_SIZE', /1 signals need 512/],
    ['a signal count beyond the file', damaged(252, '9999'), 'EDF_HEADER_TRUNCATED', /2560000 needed/],
    ['no signals', damaged(252, '0   '), 'EDF_NO_SIGNALS', /0 signals/],
    ['signals that are no number', damaged(252, 'two '), 'EDF_HEADER_FIELD', /number of signals is "two"/],
    ['negative signals', damaged(252, '-2  '), 'EDF_HEADER_FIELD', /"-2"/],
    ['zero records', damaged(236, '0       '), 'EDF_NO_RECORDS', /0 records.*room for 3.*-1/],
    ['records that are no number', damaged(236, '3.5     '), 'EDF_HEADER_FIELD', /number of records is "3.5"/],
    ['less than -1 records', damaged(236, '-7      '), 'EDF_HEADER_FIELD', /"-7"/],
    ['no whole record', buildEdf(good).subarray(0, 800), 'EDF_NO_RECORDS', /256 bytes, 32 follow/],
    ['a duration of zero', damaged(244, '0       '), 'EDF_RECORD_DURATION', /0 s/],
    ['a negative duration', damaged(244, '-1      '), 'EDF_RECORD_DURATION', /"-1"/],
    ['a duration that is no number', damaged(244, 'nan     '), 'EDF_RECORD_DURATION', /"nan"/],
    ['a record larger than the file', damaged(768 - 32 * 2 - 16, '99999999'), 'EDF_NO_RECORDS', /header is damaged/],
    [
      'samples that are no number',
      damaged(768 - 32 * 2 - 16, '64.5    '),
      'EDF_HEADER_FIELD',
      /samples per record.*"Fp1"/,
    ],
    ['equal physical range', damaged(physicalMinimum, '500     '), 'EDF_CALIBRATION', /signal 1 \("Fp1"\).*both 500/],
    [
      'calibration that is no number',
      damaged(physicalMinimum + 8, 'abc'),
      'EDF_CALIBRATION',
      /signal 2 \("F7"\).*"abc/,
    ],
    ['equal digital range', damaged(physicalMinimum + 32, '2047    '), 'EDF_CALIBRATION', /digital minimum 2047/],
    ['a digital range beyond 16 bits', damaged(physicalMinimum + 32, '-99999  '), 'EDF_CALIBRATION', /-32768 to 32767/],
    ['a range beyond any amplifier', damaged(physicalMinimum, '-1e300  '), 'EDF_CALIBRATION', /beyond any amplifier/],
    ['an impossible rate', damaged(244, '1e-7    '), 'EDF_SAMPLE_RATE', /64 samples in a record of 1e-7 s/],
    ['a rate of almost nothing', damaged(244, '99999   '), 'EDF_SAMPLE_RATE', /0.000640 Hz/],
    [
      'empty records',
      buildEdf({ ...good, signals: [{ label: 'Fp1', samplesPerRecord: 0 }] }),
      'EDF_RECORD_SIZE',
      /nothing/,
    ],
    [
      'annotations only',
      buildEdf({ nRecords: 2, signals: [], recordSeconds: '0', annotations: () => '+0\x14\x14\0' }),
      'EDF_NO_EEG',
      /annotations only/,
    ],
    [
      'no voltage',
      buildEdf({ nRecords: 2, signals: [{ label: 'SpO2', unit: '%', samplesPerRecord: 4 }] }),
      'EDF_NO_EEG',
      /"SpO2": its unit "%" is not a voltage/,
    ],
  ];
  for (const [what, bytes, code, message] of refusals) {
    const path = write(bytes);
    const { items, error } = await replay(path);
    t.same(items, [], `${what}: nothing is emitted`);
    t.ok(isChirpdError(error) && error.code === code, `${what}: ${code}, found ${String(error)}`);
    t.match(String(error), message, what);
    t.ok(String(error).includes(path), `${what}: names the file`);
  }
});

void t.test('what is no file is refused at once', async (t) => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  mkdirSync(join(folder, 'directory.edf'));
  for (const path of [join(folder, 'absent.edf'), join(folder, 'directory.edf'), pipe]) {
    const { items, error } = await replay(path);
    t.same(items, []);
    t.ok(isChirpdError(error, 'EDF_OPEN'), String(error));
  }
});

void t.test('a record too large to hold is refused', async (t) => {
  const bytes = buildEdf({ nRecords: 0, nRecordsText: '1', signals: [{ label: 'Fp1', samplesPerRecord: 40_000_000 }] });
  const path = write(bytes);
  truncateSync(path, bytes.length + 80_000_000);
  const { error } = await replay(path);
  t.ok(isChirpdError(error, 'EDF_RECORD_SIZE'), String(error));
});

void t.test('a file cut off gives its whole records, then an error', async (t) => {
  const bytes = buildEdf(good);
  const outcome = await replay(write(bytes.subarray(0, bytes.length - 100)));
  t.equal(nSamplesOf(outcome), 128);
  t.equal(infoOf(outcome).nSamplesTotal, 128, 'the length that can be read is known beforehand');
  t.ok(isChirpdError(outcome.error, 'EDF_TRUNCATED'), String(outcome.error));
  t.match(String(outcome.error), /promises 3 records, 2 are whole/);
});

void t.test('an unfinished recording (-1 records) gives its whole records', async (t) => {
  const bytes = buildEdf({ ...good, nRecordsText: '-1' });
  for (const [size, nSamples] of [
    [bytes.length, 192],
    [bytes.length - 1, 128],
  ] as const) {
    const outcome = await replay(write(bytes.subarray(0, size)));
    t.equal(outcome.error, undefined);
    t.equal(nSamplesOf(outcome), nSamples);
  }
});

void t.test('more records than the header states are told, padding is not', async (t) => {
  const surplus = await replay(write(buildEdf({ ...good, nRecordsText: '2' })));
  t.equal(nSamplesOf(surplus), 128);
  t.ok(isChirpdError(surplus.error, 'EDF_SURPLUS'), String(surplus.error));
  const padded = await replay(write(Buffer.concat([buildEdf(good), Buffer.alloc(100)])));
  t.equal(nSamplesOf(padded), 192);
  t.equal(padded.error, undefined);
});

void t.test('a file that becomes shorter while it is read is told', async (t) => {
  const path = write(buildEdf({ nRecords: 40, signals: [{ label: 'Fp1', samplesPerRecord: 20_000 }] }));
  const outcome = await new Promise<unknown>((resolve) => {
    let isCut = false;
    edfAdapter.open(edfOptionsSchema.parse({ path }), { pacer: fullSpeedPacer() }).subscribe({
      next: ({ type }) => {
        if (type !== 'block' || isCut) return;
        isCut = true;
        truncateSync(path, 700_000);
      },
      error: resolve,
      complete: () => {
        resolve(undefined);
      },
    });
  });
  t.ok(isChirpdError(outcome, 'EDF_TRUNCATED'), String(outcome));
});
