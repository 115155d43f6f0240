import t from 'tap';
import { gpuBatchSizes, sizeFor } from '../../models/batch-sizes.js';

t.test('few sizes, up to the largest batch', (t) => {
  t.same(gpuBatchSizes(32), [2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32]);
  t.same(gpuBatchSizes(18), [2, 4, 6, 8, 10, 12, 14, 16, 18]);
  t.same(gpuBatchSizes(4), [2, 4]);
  t.same(gpuBatchSizes(2), [2]);
  t.same(gpuBatchSizes(1), [2]);
  t.equal(gpuBatchSizes(1024).length, 32);
  t.end();
});

t.test('a batch gets the smallest that holds it, which is little more', (t) => {
  const sizes = gpuBatchSizes(300);
  t.same(
    [1, 2, 3, 9, 17, 18, 33, 299, 300, 400].map((n) => sizeFor(n, sizes)),
    [2, 2, 4, 10, 20, 20, 40, 300, 300, 400],
  );
  for (let n = 7; n <= 300; n++) t.ok(sizeFor(n, sizes) <= n / 0.8, `${n}`);
  t.end();
});
