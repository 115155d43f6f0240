import t from 'tap';
import { fuzzEdf } from './edf-fuzz.js';

t.setTimeout(120_000);

void t.test('10,000 damaged files: each reads or is refused with a code', { timeout: 120_000 }, async (t) => {
  const startMs = performance.now();
  const report = await fuzzEdf(10_000, 1);
  t.comment(JSON.stringify({ ...report, seconds: Math.round((performance.now() - startMs) / 100) / 10 }));
  t.equal(report.nRead + Object.values(report.refusedByCode).reduce((sum, n) => sum + n, 0), 10_000);
  t.ok(report.nRead > 500, `${report.nRead} are still readable`);
  t.ok(
    Object.keys(report.refusedByCode).length >= 12,
    `refused for many reasons: ${Object.keys(report.refusedByCode).join(', ')}`,
  );
  t.ok(report.growthBytes < 8e6, `memory grew by ${report.growthBytes} bytes`);
  t.ok(report.slowestMs < 2000, `slowest ${report.slowestMs} ms`);
});
