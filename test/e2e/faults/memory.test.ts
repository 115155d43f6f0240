import t from 'tap';
import { until } from '../../until.js';
import { openAlarms } from '../alarm-records.js';
import { Hog, MemoryGroup, memoryGroupMissing as skip } from './memory-group.js';
import { start, SYNTHETIC } from './started.js';
import { FaultListener } from './told.js';

t.setTimeout(180_000);

/** Of the daemon's service: twice what it takes with one bed. */
const MEGABYTES = 900;
const MIB = 2 ** 20;

async function nCanvases(address: string): Promise<number> {
  const { model } = (await (await fetch(new URL('/v1/health', address))).json()) as { model: { nCanvases: number } };
  return model.nCanvases;
}

t.test('memory runs short: told before anything is ended for it, and over by itself', { skip }, async (t) => {
  const group = new MemoryGroup(t, MEGABYTES);
  const { daemon, address } = await start(t, SYNTHETIC, { wrapper: group.wrapper });
  const listener = new FaultListener(t, address);
  await until(async () => (await nCanvases(address)) > 0, 'canvases', 60_000);
  const hog = new Hog(t, group);
  await hog.take(1);
  t.same(await openAlarms(address), []);
  const pid = daemon.inferencePid();
  await hog.take(Math.floor(group.freeBytes / MIB - 0.04 * MEGABYTES));
  await listener.raised('MEMORY_SHORT', performance.now());
  t.match(listener.text('MEMORY_SHORT'), /service or container/);
  t.equal(daemon.inferencePid(), pid, 'nothing was ended');
  const endedMs = performance.now();
  await hog.end();
  await listener.cleared('MEMORY_SHORT', endedMs);
});

t.test('memory runs out: the kernel ends the inference process, which comes back', { skip }, async (t) => {
  const group = new MemoryGroup(t, MEGABYTES);
  const { daemon, address } = await start(t, SYNTHETIC, { wrapper: group.wrapper });
  const listener = new FaultListener(t, address);
  await until(async () => (await nCanvases(address)) > 0, 'canvases', 60_000);
  const pid = daemon.inferencePid();
  // Many small ones: the kernel looks at the largest first, and at what offers itself.
  const hogs = Array.from({ length: 6 }, () => new Hog(t, group));
  await Promise.all(hogs.map((hog) => hog.take(1)));
  let fullMs = performance.now();
  // A little more each time, until somebody has to go. One after the other: where several ask at once the kernel ends as many.
  for (let taken = 0; daemon.inferencePid() === pid && taken < 2 * MEGABYTES; taken++) {
    fullMs = performance.now();
    await hogs[taken % hogs.length]!.take(1);
  }
  await listener.raised('MODEL_NOT_RUNNING', fullMs);
  t.match(listener.text('MODEL_NOT_RUNNING'), /SIGKILL/);
  const endedMs = performance.now();
  await Promise.all(hogs.map((hog) => hog.end()));
  await listener.cleared('MODEL_NOT_RUNNING', endedMs);
  t.not(await daemon.nextInferencePid(), pid);
  t.notOk(daemon.hasExited, 'the daemon itself goes on');
  const n = await nCanvases(address);
  await until(async () => (await nCanvases(address)) > n, 'canvases', 60_000);
});
