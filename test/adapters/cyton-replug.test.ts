import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { cytonAdapter } from '../../adapters/cyton/adapter.js';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { reconnecting } from '../../adapters/reconnect.js';
import type { AdapterItem } from '../../pipelines/core/signal.js';
import { contractBreach } from './conformance.js';
import { startCyton } from './cyton-rig.js';

const RATE = 250;

t.test('a cable that is pulled and put back', async (t) => {
  const rig = await startCyton();
  const items: AdapterItem[] = [];
  const lostAt: number[] = [];
  const connectedAt: number[] = [];
  const subscription = reconnecting({
    open: () => Promise.resolve(cytonAdapter.open(rig.options, { pacer: fullSpeedPacer() })),
    onLost: () => lostAt.push(performance.now()),
    onConnected: () => connectedAt.push(performance.now()),
  }).subscribe((item) => items.push(item));
  try {
    await until(() => items.filter(({ type }) => type === 'block').length > 12);
    const pulledMs = performance.now();
    await rig.hangUp();
    await until(() => lostAt.length > 0);
    t.ok(lostAt[0]! - pulledMs < 1000, `told after ${Math.round(lostAt[0]! - pulledMs)} ms`);
    await sleep(700);
    const putBackMs = performance.now();
    await rig.replug();
    await until(() => connectedAt.length > 1);
    const againMs = connectedAt[1]! - putBackMs;
    t.ok(againMs < 2000, `streams again ${Math.round(againMs)} ms after it was put back`);
    await sleep(500);
    t.equal(contractBreach(items), undefined);
    const gaps = items.filter((item) => item.type === 'gap');
    t.same(
      gaps.map(({ reason }) => reason),
      ['disconnected'],
    );
    // The board was reset: what it took before and after is told apart by the host's clock alone.
    const clocks = items.filter((item) => item.type === 'clock');
    const gap = gaps[0]!;
    const before = clocks.filter(({ sample }) => sample < gap.firstSample).at(-1)!;
    const after = clocks.find(({ sample }) => sample >= gap.firstSample + gap.nSamples)!;
    const nByHost = ((after.hostMicros - before.hostMicros) / 1e6) * RATE;
    const differs = Math.abs(after.sample - before.sample - nByHost);
    t.ok(differs < 8, `${gap.nSamples} samples missed, ${differs.toFixed(1)} from the host's clock`);
  } finally {
    subscription.unsubscribe();
    await rig.stop();
  }
});

async function until(isTrue: () => boolean): Promise<void> {
  const end = performance.now() + 15_000;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error('it did not come within 15 s');
    await sleep(5);
  }
}
