import t from 'tap';
import { FREEEEG32_MICROVOLTS_PER_COUNT } from '../../adapters/freeeeg32/packet.js';
import { readWithBrainFlow } from './brainflow.js';
import { numbered } from './numbered-signal.js';
import { skipWithoutPeers } from './python-peers.js';
import { startFreeEeg32 } from './small-device-rigs.js';

t.test("BrainFlow's FreeEEG32 driver reads the emulated board", { skip: skipWithoutPeers() }, async (t) => {
  const rig = await startFreeEeg32();
  try {
    const { packets, eeg } = await readWithBrainFlow('freeeeg32', rig.path, 600);
    t.ok(packets.length >= 600);
    t.same(
      packets.map((counter, i) => (i === 0 ? 1 : (counter - packets[i - 1]!) & 255)),
      packets.map(() => 1),
      'no packet is missing',
    );
    t.equal(eeg.length, 32);
    const first = Math.round((eeg[0]![0]! - numbered(0, 0)) / (numbered(0, 1) - numbered(0, 0)));
    let worst = 0;
    eeg.forEach((values, channel) => {
      values.forEach((value, n) => {
        worst = Math.max(worst, Math.abs(value - numbered(channel, first + n)));
      });
    });
    t.ok(worst < 0.51 * FREEEEG32_MICROVOLTS_PER_COUNT, `largest difference ${worst} uV: half a count`);
  } finally {
    await rig.stop();
  }
});
