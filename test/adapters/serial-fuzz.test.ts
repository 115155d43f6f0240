import t from 'tap';
import { SERIAL_PROTOCOLS, serialFuzzer } from './serial-fuzz.js';
import { serialPortFuzzer } from './serial-port-fuzz.js';

/** `npm run fuzz` does more. */
const N_INPUTS = 4000;
const N_PORT_INPUTS = 150;

t.setTimeout(240_000);

t.test(
  `${String(N_INPUTS)} damaged byte streams: each protocol keeps the contract and finds its place again`,
  async (t) => {
    const { counts, slowestMs } = await serialFuzzer.run({ nInputs: N_INPUTS, seed: 1, onInput: () => undefined });
    t.comment(JSON.stringify(counts), `slowest ${slowestMs.toFixed(0)} ms`);
    t.equal(
      Object.values(counts).reduce((sum, n) => sum + n, 0),
      N_INPUTS,
    );
    for (const name of SERIAL_PROTOCOLS)
      t.ok((counts[`${name}: samples`] ?? 0) > 50, `${name} heard samples in the damage`);
  },
);

t.test(`${String(N_PORT_INPUTS)} over pseudo-terminals: the devices stream on`, async (t) => {
  const { counts } = await serialPortFuzzer.run({ nInputs: N_PORT_INPUTS, seed: 1, onInput: () => undefined });
  t.comment(JSON.stringify(counts));
  const nTalks = Object.entries(counts).reduce((sum, [name, n]) => sum + (name.startsWith('conversation') ? n : 0), 0);
  t.ok(nTalks > 10, `${String(nTalks)} conversations`);
  t.equal(
    Object.values(counts).reduce((sum, n) => sum + n, 0),
    N_PORT_INPUTS,
  );
});
