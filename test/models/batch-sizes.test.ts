import t from 'tap';
import { gpuBatchSizes, sizeFor } from '../../models/batch-sizes.js';

t.test('few sizes, up to the largest batch', (t) => {
  t.same(gpuBatchSizes(32), [2, 4, 8, 16, 32]);
  t.same(gpuBatchSizes(18), [2, 4, 8, 16, 18]);
  t.same(gpuBatchSizes(2), [2]);
  t.same(gpuBatchSizes(1), [2]);
  t.end();
});

t.test('a batch gets the smallest that holds it', (t) => {
  const sizes = gpuBatchSizes(18);
  t.same(
    [1, 2, 3, 8, 9, 17, 18, 40].map((n) => sizeFor(n, sizes)),
    [2, 2, 4, 8, 16, 18, 18, 40],
  );
  t.end();
});
