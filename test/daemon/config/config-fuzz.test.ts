import t from 'tap';
import { configFuzzer, configOutcome } from './config-fuzz.js';

/** `npm run fuzz` does more. */
const N_TEXTS = 1000;

t.setTimeout(180_000);

t.test(`${String(N_TEXTS)} damaged configs: each is taken or refused with a clear error`, async (t) => {
  const { counts, slowestMs } = await configFuzzer.run({ nInputs: N_TEXTS, seed: 1, onInput: () => undefined });
  t.comment(JSON.stringify(counts), `slowest ${slowestMs.toFixed(0)} ms`);
  t.equal(
    Object.values(counts).reduce((sum, n) => sum + n, 0),
    N_TEXTS,
  );
  t.same(Object.keys(counts).toSorted(), ['CONFIG_INVALID', 'CONFIG_SYNTAX', 'taken']);
  for (const [outcome, n] of Object.entries(counts)) t.ok(n > 50, `${String(n)} ${outcome}`);
});

t.test('the judge sees what is no clear error', (t) => {
  t.throws(() => {
    Object.defineProperty(Object.prototype, 'x', { value: 1, configurable: true });
    try {
      configOutcome('beds: []');
    } finally {
      Reflect.deleteProperty(Object.prototype, 'x');
    }
  }, /Object\.prototype was changed/);
  t.end();
});
