import t from 'tap';
import { Float32Pool } from '../../../pipelines/core/float32-pool.js';

void t.test('what was given back is taken again, by length', (t) => {
  const pool = new Float32Pool(1000);
  const first = pool.take(10);
  t.equal(first.length, 10);
  pool.give(first);
  t.not(pool.take(20), first);
  t.equal(pool.take(10), first);
  t.not(pool.take(10), first, 'once');
  t.end();
});

void t.test('keeps no more than it may, and nothing of lengths that are not in use any more', (t) => {
  const pool = new Float32Pool(100);
  const [small, large, huge] = [pool.take(10), pool.take(20), pool.take(26)];
  pool.give(huge);
  t.not(pool.take(26), huge, 'too large to be kept at all');
  pool.give(small);
  pool.give(large);
  t.equal(pool.take(20), large);
  t.not(pool.take(10), small, 'it had to go');
  t.end();
});

void t.test('a part of an array is not kept', (t) => {
  const pool = new Float32Pool(1000);
  const part = new Float32Array(20).subarray(0, 10);
  pool.give(part);
  t.not(pool.take(10), part);
  t.end();
});
