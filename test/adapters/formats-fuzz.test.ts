import t from 'tap';
import { fuzzBrainVision, fuzzCsv, fuzzOpenBciText, fuzzXdf } from './formats-fuzz.js';

t.setTimeout(120_000);

/** Of each format; `npm run fuzz` does more. */
const N_FILES = 250;

for (const [format, fuzz, nCodes, nReadable] of [
  ['BrainVision', fuzzBrainVision, 3, 40],
  ['XDF', fuzzXdf, 4, 1],
  ['OpenBCI text', fuzzOpenBciText, 3, 40],
  ['CSV', fuzzCsv, 4, 40],
] as const) {
  void t.test(`damaged ${format}: each reads or is refused with a code`, { timeout: 60_000 }, async (t) => {
    const startMs = performance.now();
    const report = await fuzz(N_FILES, 1);
    t.comment(JSON.stringify({ ...report, seconds: Math.round((performance.now() - startMs) / 100) / 10 }));
    t.equal(report.nRead + Object.values(report.refusedByCode).reduce((sum, n) => sum + n, 0), N_FILES);
    t.ok(report.nRead >= nReadable, `${report.nRead} are still readable`);
    const codes = Object.keys(report.refusedByCode);
    t.ok(codes.length >= nCodes, `refused for many reasons: ${codes.join(', ')}`);
    t.ok(report.growthBytes < 8e6, `memory grew by ${report.growthBytes} bytes`);
    t.ok(report.slowestMs < 2000, `slowest ${report.slowestMs} ms`);
  });
}
