import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Adapter } from '../../adapters/adapter.js';
import { bisVistaAdapter } from '../../adapters/bis-vista/adapter.js';
import { SAMPLES_PER_MESSAGE } from '../../adapters/bis-vista/emulated-monitor.js';
import { cytonAdapter } from '../../adapters/cyton/adapter.js';
import { freeEeg32Adapter } from '../../adapters/freeeeg32/adapter.js';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { reconnecting } from '../../adapters/reconnect.js';
import type { AdapterItem } from '../../pipelines/core/signal.js';
import { contractBreach } from './conformance.js';
import { startCyton } from './cyton-rig.js';
import type { EmulatedRig } from './emulated-rig.js';
import { NUMBERED_ROUND, NUMBERED_STEP, numberOf } from './numbered-signal.js';
import { startBisVista, startFreeEeg32 } from './small-device-rigs.js';

interface Replugged<Options> {
  readonly adapter: Adapter<Options>;
  readonly start: () => Promise<EmulatedRig<Options>>;
  /** Samples of the stream in a packet. */
  readonly nPerPacket?: number;
  /** Samples of the device for one of the stream, and how far its value lies below the number of the last of them. */
  readonly nPerSample?: number;
  readonly belowMicrovolts?: number;
}

/** Times that each cable is pulled. */
const TIMES = Number(process.env['REPLUG_TIMES'] ?? 1);

replugged('Cyton', { adapter: cytonAdapter, start: () => startCyton() });
replugged('Cyton with Daisy', {
  adapter: cytonAdapter,
  start: () => startCyton({ hasDaisy: true }),
  nPerSample: 2,
  belowMicrovolts: NUMBERED_STEP / 2,
});
replugged('FreeEEG32', { adapter: freeEeg32Adapter, start: startFreeEeg32 });
replugged('BIS Vista', { adapter: bisVistaAdapter, start: startBisVista, nPerPacket: SAMPLES_PER_MESSAGE });

/** A cable that is pulled and put back; the device takes its samples all the while, and their values are their numbers. */
function replugged<Options>(name: string, device: Replugged<Options>): void {
  const { adapter, nPerPacket = 1, nPerSample = 1, belowMicrovolts = 0 } = device;
  void t.test(`${name}: a cable that is pulled and put back`, { timeout: 60_000 + TIMES * 20_000 }, async (t) => {
    const rig = await device.start();
    const items: AdapterItem[] = [];
    const lostAt: number[] = [];
    const connectedAt: number[] = [];
    const subscription = reconnecting({
      open: () => Promise.resolve(adapter.open(rig.options, { pacer: fullSpeedPacer() })),
      onLost: () => lostAt.push(performance.now()),
      onConnected: () => connectedAt.push(performance.now()),
    }).subscribe((item) => items.push(item));
    try {
      await until(() => connectedAt.length > 0);
      for (let turn = 0; turn < TIMES; turn++) {
        const nBlocks = countBlocks(items);
        await until(() => countBlocks(items) > nBlocks + 12);
        const nLost = lostAt.length;
        const pulledMs = performance.now();
        await rig.hangUp();
        await until(() => lostAt.length > nLost);
        const toldMs = lostAt[nLost]! - pulledMs;
        t.ok(toldMs < 1000, `told after ${Math.round(toldMs)} ms`);
        await sleep(700);
        const putBackMs = performance.now();
        await rig.replug();
        await until(() => connectedAt.length > turn + 1);
        const againMs = connectedAt[turn + 1]! - putBackMs;
        t.ok(againMs < 2000, `streams again ${Math.round(againMs)} ms after it was put back`);
      }
      await sleep(500);
      t.equal(contractBreach(items), undefined);
      const gaps = items.filter((item) => item.type === 'gap');
      t.same(
        gaps.map(({ reason }) => reason),
        Array.from({ length: TIMES }, () => 'disconnected'),
      );
      for (const { firstSample, nSamples } of gaps) {
        const numberAt = (sample: number): number => numberOf(microvoltsAt(items, sample) + belowMicrovolts);
        const nTaken = (numberAt(firstSample + nSamples) - numberAt(firstSample - 1)) / nPerSample - 1;
        const round = NUMBERED_ROUND / nPerSample;
        const differs = nSamples - nTaken - Math.round((nSamples - nTaken) / round) * round;
        t.ok(Math.abs(differs) <= nPerPacket, `a gap of ${nSamples}, ${differs} more than the device took`);
      }
    } finally {
      subscription.unsubscribe();
      await rig.stop();
    }
  });
}

function countBlocks(items: readonly AdapterItem[]): number {
  return items.filter(({ type }) => type === 'block').length;
}

/** Of the first channel. */
function microvoltsAt(items: readonly AdapterItem[], sample: number): number {
  for (const item of items) {
    const value = item.type === 'block' ? item.samples[0]![sample - item.firstSample] : undefined;
    if (value !== undefined) return value;
  }
  throw new Error(`there is no sample ${sample}`);
}

async function until(isTrue: () => boolean): Promise<void> {
  const end = performance.now() + 15_000;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error('it did not come within 15 s');
    await sleep(5);
  }
}
