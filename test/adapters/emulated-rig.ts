import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreateDevice } from '../../adapters/emulators/device.js';
import { Emulator } from '../../adapters/emulators/emulator.js';
import type { LiveRig } from './live-conformance.js';
import { NumberedSignal } from './numbered-signal.js';

export interface EmulatedRigOptions<Options> {
  readonly createDevice: CreateDevice;
  /** Options of the adapter for a port. */
  readonly options: (port: string) => Options;
  readonly isSent: (microvolts: readonly number[]) => boolean;
  readonly value?: (channel: number, n: number) => number;
  /** Samples in a packet; default 1. */
  readonly samplesPerPacket?: number;
}

export interface EmulatedRig<Options> extends LiveRig<Options> {
  readonly emulator: Emulator;
  readonly signal: NumberedSignal;
  readonly path: string;
}

/** Bytes of every value, some of which begin as packets do. */
function garbage(): Uint8Array {
  return Uint8Array.from({ length: 97 }, (_, i) => (i % 11 === 0 ? 0xa0 : i % 7 === 0 ? 0xc0 : (i * 151) & 0xff));
}

/** An emulated device on a pseudo-terminal that keeps its path over hanging up and replugging. */
export async function startEmulated<Options>(rig: EmulatedRigOptions<Options>): Promise<EmulatedRig<Options>> {
  const { createDevice, options, isSent, value, samplesPerPacket = 1 } = rig;
  const folder = mkdtempSync(join(tmpdir(), 'chirpd-port-'));
  const path = join(folder, 'port');
  const signal = new NumberedSignal(32, value);
  const emulator = new Emulator({ createDevice, signal, link: path });
  await emulator.start();
  return {
    emulator,
    signal,
    path,
    options: options(path),
    isSent,
    pause: () => {
      emulator.pause();
    },
    resume: () => {
      emulator.resume();
    },
    damage: () => {
      emulator.inject(garbage());
    },
    lose: (nPackets) => {
      emulator.lose(nPackets);
      return nPackets * samplesPerPacket;
    },
    hangUp: () => emulator.hangUp(),
    replug: async () => {
      await emulator.start();
    },
    stop: async () => {
      await emulator.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
