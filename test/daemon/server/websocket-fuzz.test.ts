import t from 'tap';
import { fuzzWebSocket } from './websocket-fuzz.js';

const N_MESSAGES = 10_000;

// About 10 s on two free cores.
t.setTimeout(180_000);

t.test(
  `${String(N_MESSAGES)} mutated messages: each is answered or refused with a code, and nothing grows`,
  async (t) => {
    const startMs = performance.now();
    const { nSubscribed, nClosed, nWithoutError, grownBytes } = await fuzzWebSocket(N_MESSAGES, 20_240_601);
    t.comment(`${((performance.now() - startMs) / 1000).toFixed(1)} s, grown by ${(grownBytes / 1e6).toFixed(1)} MB`);
    t.comment(`subscribed ${String(nSubscribed)}, closed ${JSON.stringify(Object.fromEntries(nClosed))}`);
    const nRefused = Array.from(nClosed.values()).reduce((sum, n) => sum + n, 0);
    t.equal(nSubscribed + nRefused, N_MESSAGES);
    t.equal(nWithoutError, 0, 'each refusal comes with its error message');
    t.ok(nSubscribed > 100, 'some damaged messages are still valid');
    for (const code of [4400, 4410, 1007, 1009])
      t.ok((nClosed.get(code) ?? 0) > 0, `some were closed with ${String(code)}`);
    t.ok(grownBytes < 4e6, 'memory does not grow');
  },
);
