import t from 'tap';
import { cytonAdapter } from '../../adapters/cyton/adapter.js';
import { CYTON_GAINS, microvoltsPerCount, type CytonGain } from '../../adapters/cyton/board.js';
import { EmulatedCyton } from '../../adapters/cyton/emulated-board.js';
import { cytonOptionsSchema } from '../../adapters/cyton/options.js';
import { encodeCytonPacket } from '../../adapters/cyton/packet.js';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import type { AdapterItem } from '../../pipelines/core/signal.js';
import { readWithBrainFlow } from './brainflow.js';
import { countsOf, seeded } from './cyton-damage.js';
import { startCyton } from './cyton-rig.js';
import { startEmulated } from './emulated-rig.js';
import { numbered, NUMBERED_STEP } from './numbered-signal.js';
import { skipWithoutPeers } from './python-peers.js';

const skip = skipWithoutPeers();

/** Microvolts of sample `n` as the converter gives it. */
function converted(channel: number, n: number, gain: CytonGain): number {
  const scale = microvoltsPerCount(gain);
  return Math.round(numbered(channel, n) / scale) * scale;
}

void t.test("BrainFlow's Cyton driver reads the emulated board: every sample, equal values", { skip }, async (t) => {
  const rig = await startCyton();
  try {
    const commands = ['x1020110X', 'x3060110X', 'x8000110X', '4'];
    const { answers, packets, eeg } = await readWithBrainFlow('cyton', rig.path, 700, commands);
    t.same(
      answers.map((text) => text.trim()),
      ['Success: Channel set for 1$$$', 'Success: Channel set for 3$$$', 'Success: Channel set for 8$$$', ''],
    );
    const gains = [4, 24, 24, 24, 24, 24, 24, 1] as const;
    t.ok(packets.length >= 700);
    t.same(
      packets,
      packets.map((_, n) => n & 255),
      'no packet is missing',
    );
    let worst = 0;
    eeg.forEach((values, channel) => {
      for (const [n, value] of values.entries())
        worst = Math.max(worst, Math.abs(value - (channel === 3 ? 0 : converted(channel, n, gains[channel]!))));
    });
    t.ok(worst < 1e-9, `largest difference ${worst} uV, over ${packets.length} samples of 8 channels`);
  } finally {
    await rig.stop();
  }
});

void t.test("BrainFlow's driver of the Cyton with Daisy", { skip }, async (t) => {
  const rig = await startCyton({ hasDaisy: true });
  try {
    const { packets, eeg } = await readWithBrainFlow('cyton-daisy', rig.path, 300);
    t.ok(packets.length >= 300);
    t.equal(eeg.length, 16);
    let worst = 0;
    eeg.forEach((values, channel) => {
      // Its sample m is Daisy packet 2m and board packet 2m + 1, each the mean of two; the first Daisy packet is invalid.
      for (const [m, value] of values.entries()) {
        if (m === 0 && channel >= 8) continue;
        const n = channel < 8 ? 2 * m + 1 : 2 * m;
        worst = Math.max(worst, Math.abs(value - (numbered(channel, n) - NUMBERED_STEP / 2)));
      }
    });
    t.ok(worst < 1.6 * microvoltsPerCount(24), `largest difference ${worst} uV`);
  } finally {
    await rig.stop();
  }
});

/** A board that sends packets that were made before, whatever is played. */
class ScriptedCyton extends EmulatedCyton {
  readonly packets: Uint8Array[] = [];

  override next(): Uint8Array | undefined {
    return this.isStreaming ? this.packets.shift() : undefined;
  }
}

/** Random values over the whole range, with every stop byte that there is. */
function scriptedPackets(nPackets: number): Uint8Array[] {
  const random = seeded(11);
  return Array.from({ length: nPackets }, (_, n) => {
    const stopByte = 0xc0 + Math.floor(random() * 7);
    const time = 4 * n;
    const aux = stopByte < 0xc3 ? [1, 2, 3, 4, 5, 6] : [88, 1, 0, 0, time >> 8, time & 255];
    return encodeCytonPacket(n & 255, countsOf(n), aux, stopByte);
  });
}

async function readWithChirpd(port: string, nSamples: number, gain: CytonGain): Promise<number[][]> {
  const channels = Array.from({ length: 8 }, () => ({ gain }));
  const rows: number[][] = Array.from({ length: 8 }, () => []);
  await new Promise<void>((resolve, reject) => {
    const subscription = cytonAdapter
      .open(cytonOptionsSchema.parse({ port, channels }), { pacer: fullSpeedPacer() })
      .subscribe({
        next: (item: AdapterItem) => {
          if (item.type === 'gap') reject(new Error('packets were lost'));
          if (item.type !== 'block') return;
          item.samples.forEach((values, channel) => rows[channel]!.push(...values));
          if (rows[0]!.length < nSamples) return;
          subscription.unsubscribe();
          resolve();
        },
        error: reject,
      });
  });
  return rows;
}

void t.test('chirpd and BrainFlow read the same values out of the same bytes', { skip }, async (t) => {
  const nPackets = 700;
  const nSamples = 672;
  for (const gain of [24, 6] as const) {
    let board: ScriptedCyton | undefined;
    const rig = await startEmulated({
      createDevice: (answer) => {
        board = new ScriptedCyton({ hasDaisy: false, answer });
        board.packets.push(...scriptedPackets(nPackets), ...scriptedPackets(nPackets));
        return board;
      },
      options: () => undefined,
      isSent: () => true,
    });
    try {
      const all = Array.from({ length: 8 }, (_, i) => `x${i + 1}0${CYTON_GAINS.indexOf(gain)}0110X`).join('');
      const theirs = await readWithBrainFlow('cyton', rig.path, nSamples, [all]);
      board!.packets.splice(0, Infinity, ...scriptedPackets(nPackets));
      const ours = await readWithChirpd(rig.path, nSamples, gain);
      ours.forEach((values, channel) => {
        const expected = theirs.eeg[channel]!.slice(0, values.length).map(Math.fround);
        t.same(values.slice(0, expected.length), expected, `gain ${gain}, channel ${channel + 1}`);
        t.ok(expected.length >= nSamples);
      });
    } finally {
      await rig.stop();
    }
  }
});
