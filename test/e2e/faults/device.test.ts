import t, { type Test } from 'tap';
import { EmulatedCyton } from '../../../adapters/cyton/emulated-board.js';
import { type EmulatedRig, startEmulated } from '../../adapters/emulated-rig.js';
import { until } from '../../until.js';
import { openAlarms } from '../alarm-records.js';
import { readTimeline } from '../read-timeline.js';
import { type Started, start } from './started.js';
import { FaultListener } from './told.js';

t.setTimeout(180_000);

interface Plugged extends Started {
  readonly rig: EmulatedRig<unknown>;
  readonly listener: FaultListener;
}

/** A daemon that reads a Cyton on a serial port of this machine. */
async function plugged(t: Test): Promise<Plugged> {
  const rig = await startEmulated<unknown>({
    createDevice: (answer) => new EmulatedCyton({ answer, hasDaisy: false }),
    options: (port) => ({ port }),
    isSent: () => true,
  });
  t.teardown(() => rig.stop());
  const started = await start(t, { beds: [{ name: 'Bed 1', adapter: { kind: 'cyton', port: rig.path } }] });
  const isStreaming = async (): Promise<boolean> => {
    const { beds } = (await (await fetch(new URL('/v1/beds', started.address))).json()) as {
      beds: readonly { readonly state: string }[];
    };
    return beds[0]?.state === 'streaming';
  };
  await until(isStreaming, 'samples', 60_000);
  t.same(await openAlarms(started.address), []);
  return { ...started, rig, listener: new FaultListener(t, started.address) };
}

t.test('a serial device is unplugged, and plugged in again', async (t) => {
  const { rig, listener, address } = await plugged(t);
  const pulledMs = performance.now();
  await rig.hangUp();
  await listener.raised('BED_DEVICE_LOST', pulledMs);
  const putBackMs = performance.now();
  await rig.replug();
  await listener.cleared('BED_DEVICE_LOST', putBackMs);
  const gaps = (await readTimeline(address)).filter((record) => record.type === 'gap');
  t.match(gaps, [{ reason: 'disconnected' }], 'what was missed is a gap');
});

t.test('a serial device falls silent, and sends again', async (t) => {
  const { rig, listener } = await plugged(t);
  const silentMs = performance.now();
  rig.pause();
  await listener.raised('BED_DEVICE_LOST', silentMs);
  t.match(listener.text('BED_DEVICE_LOST'), /has sent nothing for 2 s/);
  const againMs = performance.now();
  rig.resume();
  await listener.cleared('BED_DEVICE_LOST', againMs);
});
