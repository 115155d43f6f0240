import { join } from 'node:path';
import t from 'tap';
import { until } from '../../until.js';
import { openAlarms } from '../alarm-records.js';
import { EmulatedCyton } from '../../../adapters/cyton/emulated-board.js';
import { startEmulated } from '../../adapters/emulated-rig.js';
import { SmallDisk, smallDiskMissing as skip } from '../small-disk.js';
import { start } from './started.js';
import { FaultListener } from './told.js';

t.setTimeout(180_000);

/** What says so at its next write. The history writes every few seconds. */
const CODES = ['RECORDING_FAILING', 'JOURNAL_FAILING', 'HISTORY_FAILING'] as const;

t.test('the disk is full: all that is kept there says so, and goes on when there is room', { skip }, async (t) => {
  const disk = new SmallDisk(t, 64);
  const rig = await startEmulated<unknown>({
    createDevice: (answer) => new EmulatedCyton({ answer, hasDaisy: false }),
    options: (port) => ({ port }),
    isSent: () => true,
  });
  t.teardown(() => rig.stop());
  const { address } = await start(
    t,
    {
      recording: { folder: join(disk.folder, 'recordings') },
      beds: [{ name: 'Bed 1', adapter: { kind: 'cyton', port: rig.path } }],
    },
    { data: join(disk.folder, 'data') },
  );
  const listener = new FaultListener(t, address);
  const nRecordings = async (): Promise<number> =>
    ((await (await fetch(new URL('/v1/recordings', address))).json()) as { recordings: readonly unknown[] }).recordings
      .length;
  await until(async () => (await nRecordings()) > 0, 'a recording', 60_000);
  t.same(await openAlarms(address), []);
  const fullMs = performance.now();
  disk.fill();
  await listener.raised('DISK_FULL', fullMs);
  await Promise.all(CODES.map((code) => listener.told(code)));
  const roomMs = performance.now();
  disk.free();
  await Promise.all(['DISK_FULL', ...CODES].map((code) => listener.cleared(code, roomMs)));
});
