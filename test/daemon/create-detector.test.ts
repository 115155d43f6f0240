import t from 'tap';
import { threadsOf } from '../../daemon/create-detector.js';

t.test('the model has half of the cores by itself, and as many threads as the config says', (t) => {
  t.same(
    [1, 2, 3, 4, 7, 8, 16, 64].map((nCores) => threadsOf({ threads: 'auto' }, nCores)),
    [1, 1, 1, 2, 3, 4, 8, 8],
  );
  t.equal(threadsOf({ threads: 3 }, 2), 3);
  t.ok(threadsOf({ threads: 'auto' }) >= 1);
  t.end();
});
