import t from 'tap';
import { fileKindOf, hasEndingOf } from '../../adapters/file-kind.js';
import { csvText, openBciText } from '../fixtures/text/build.js';
import { writeFile } from './replay-file.js';

void t.test('by the ending alone', async (t) => {
  t.equal(await fileKindOf('/somewhere/night.EDF'), 'edf');
  t.equal(await fileKindOf('night.bdf'), 'edf');
  t.equal(await fileKindOf('night.rec'), 'edf');
  t.equal(await fileKindOf('night.tsv'), 'csv');
  t.equal(await fileKindOf('night.vhdr'), 'brainvision');
  for (const name of ['night.xdf', 'night.xdfz', 'night.XDF.gz']) t.equal(await fileKindOf(name), 'xdf');
});

void t.test('by the first lines, where kinds share an ending', async (t) => {
  const table = csvText({ names: ['Fp1 (uV)'], row: (i) => [i] });
  for (const ending of ['.txt', '.csv']) {
    t.equal(await fileKindOf(writeFile(openBciText({ generation: 'old' }), ending)), 'openbci-text');
    t.equal(await fileKindOf(writeFile(openBciText({ generation: 'new' }), ending)), 'openbci-text');
    t.equal(await fileKindOf(writeFile(`\uFEFF${openBciText({ generation: 'new' })}`, ending)), 'openbci-text');
    t.equal(await fileKindOf(writeFile(table, ending)), 'csv');
    t.equal(await fileKindOf(writeFile(`% made by hand\n${table}`, ending)), 'csv');
  }
  t.equal(await fileKindOf('/nowhere/at/all.txt'), 'csv', 'whose adapter says that it is not there');
});

void t.test('no other ending', async (t) => {
  for (const path of ['night.edf.gz', 'night', '/a.edf/night.mat']) {
    await t.rejects(
      fileKindOf(path),
      { code: 'ADAPTER_FILE_KIND', message: /They end in .*\.bdf, .*\.edf, .*\.txt/ },
      path,
    );
  }
  await t.rejects(fileKindOf('night.eeg'), { code: 'ADAPTER_FILE_KIND', message: /name the header \(\.vhdr\)/ });
  t.equal(hasEndingOf('night.csv', 'csv'), true);
  t.equal(hasEndingOf('night.csv', 'edf'), false);
  t.equal(hasEndingOf('night.csv', 'synthetic'), false);
});
