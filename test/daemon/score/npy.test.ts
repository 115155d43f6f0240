import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { openNpy } from '../../../daemon/score/npy.js';
import { isChirpdError } from '../../../pipelines/core/errors.js';
import { readGolden } from './golden/read-golden.js';

interface GoldenArray {
  readonly base64: string;
  /** What its error names; null where it can be read. */
  readonly refused: string | null;
  readonly shape?: readonly number[];
  readonly values?: readonly number[];
}

const golden = readGolden('arrays.json') as readonly GoldenArray[];
const folder = t.testdir();
const path = join(folder, 'x.npy');

/** Everything in a file, read at once. */
function readAll(bytes: Uint8Array): { readonly shape: readonly number[]; readonly values: readonly number[] } {
  writeFileSync(path, bytes);
  const file = openNpy(path);
  try {
    return { shape: file.shape, values: [...file.read(0, file.shape[0]!)] };
  } finally {
    file.close();
  }
}

function codeOf(bytes: Uint8Array): string {
  try {
    readAll(bytes);
    return 'read';
  } catch (error) {
    return isChirpdError(error) ? error.code : String(error);
  }
}

t.test('files that NumPy wrote', (t) => {
  for (const [i, { base64, refused, shape, values }] of golden.entries()) {
    const bytes = Buffer.from(base64, 'base64');
    if (refused === null) {
      t.same(readAll(bytes), { shape, values }, `file ${i}`);
      continue;
    }
    writeFileSync(path, bytes);
    t.throws(() => openNpy(path), { code: 'SCORE_NPY' }, `file ${i} is refused`);
    t.throws(() => openNpy(path), { message: new RegExp(refused.replace('[', '\\[')) }, 'for what it is');
  }
  t.ok(golden.filter(({ refused }) => refused === null).length >= 8);
  t.end();
});

t.test('parts of a stack', (t) => {
  const { base64, values = [] } = golden[0]!;
  writeFileSync(path, Buffer.from(base64, 'base64'));
  const file = openNpy(path);
  t.same([...file.read(1, 1)], values.slice(12));
  t.same([...file.read(0, 1)], values.slice(0, 12));
  t.throws(() => file.read(1, 2), { code: 'SCORE_NPY' });
  file.close();
  t.throws(() => openNpy(join(folder, 'missing.npy')), { code: 'SCORE_READ' });
  t.throws(() => openNpy(folder), { code: 'SCORE_READ' }, 'a folder');
  t.end();
});

t.test('files that are cut short, or longer than they say', (t) => {
  const bytes = Buffer.from(golden[0]!.base64, 'base64');
  for (let length = 0; length < bytes.length; length++) {
    if (codeOf(bytes.subarray(0, length)) !== 'SCORE_NPY') t.fail(`cut to ${length} bytes`);
  }
  t.equal(codeOf(Buffer.concat([bytes, Buffer.of(0)])), 'SCORE_NPY');
  const huge = Buffer.from(bytes);
  const shape = huge.indexOf('(2, 3, 4)');
  huge.write('(9999999999999999, 9999999999999999)', shape);
  t.equal(codeOf(huge), 'SCORE_NPY', 'more than there is memory');
  t.end();
});

t.test('changed bytes of the header are read, or refused with a code', (t) => {
  const bytes = Buffer.from(golden[0]!.base64, 'base64');
  const change = fc.tuple(fc.nat(127), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const changed = Buffer.from(bytes);
      for (const [at, value] of changes) changed[at] = value;
      assert.ok(['read', 'SCORE_NPY'].includes(codeOf(changed)), codeOf(changed));
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      assert.equal(codeOf(Buffer.concat([bytes.subarray(0, 6), noise])), 'SCORE_NPY');
    }),
    { numRuns: 500 },
  );
  t.pass();
  t.end();
});
