import { setTimeout as sleep } from 'node:timers/promises';
import { EmulatedCyton } from '../../adapters/cyton/emulated-board.js';
import { Random } from '../../adapters/synthetic/random.js';
import { Pusher } from '../../daemon/client/node.js';
import type { BedInput } from '../e2e/config-file.js';
import { type EmulatedRig, startEmulated } from '../adapters/emulated-rig.js';
import { type CytonOptions, cytonOptionsSchema } from '../../adapters/cyton/options.js';

const GUEST = 'Guest';
const CYTON = 'Cyton';
const GUEST_RATE = 128;
const GUEST_LABELS = ['Fp1', 'Fp2'];

/**
 * Devices that go for good and come again, in real time: one on a serial port that is unplugged, and programs that push a
 * stream each to the same bed, now with other channels. What is found in theirs depends on when they come.
 */
export class LeavingDevices {
  readonly #random = new Random(2, 'devices');
  #rig: EmulatedRig<CytonOptions> | undefined;
  #isOver = false;
  #running: Promise<unknown> = Promise.resolve();
  nUnplugged = 0;
  nGuests = 0;

  /** Without python3 there is no serial port to be had: then only those that push. */
  async prepare(): Promise<readonly BedInput[]> {
    try {
      this.#rig = await startEmulated({
        createDevice: (answer) => new EmulatedCyton({ hasDaisy: false, answer }),
        options: (port) => cytonOptionsSchema.parse({ port }),
        isSent: () => true,
      });
    } catch {
      this.#rig = undefined;
    }
    const montage = ['Fp1-Fp2'];
    return [
      { name: GUEST, montage: 'recorded', adapter: { kind: 'push', resumeSeconds: 0.5 } },
      ...(this.#rig === undefined
        ? []
        : [
            {
              name: CYTON,
              montage,
              adapter: { kind: 'cyton', port: this.#rig.path, channels: ['Fp1', 'Fp2'] },
            } as BedInput,
          ]),
    ];
  }

  start(url: string): void {
    this.#running = Promise.all([this.#guests(url), this.#cable()]);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    await this.#rig?.stop();
  }

  async #wait(seconds: number): Promise<void> {
    const end = performance.now() + seconds * 1000;
    while (!this.#isOver && performance.now() < end) await sleep(50);
  }

  async #guests(url: string): Promise<void> {
    while (!this.#isOver) {
      this.nGuests++;
      const nChannels = this.#random.uniform() < 0.8 ? 2 : 1;
      const pusher = new Pusher({
        url,
        bed: GUEST,
        channels: GUEST_LABELS.slice(0, nChannels),
        sampleRate: GUEST_RATE,
        source: `guest ${String(this.nGuests)}`,
      });
      const end = performance.now() + this.#random.between(2, 15) * 1000;
      while (!this.#isOver && performance.now() < end) {
        const samples = Array.from({ length: nChannels }, () =>
          Float32Array.from({ length: GUEST_RATE / 4 }, () => this.#random.between(-40, 40)),
        );
        pusher.send(samples);
        await sleep(250);
      }
      pusher.abort();
      await this.#wait(this.#random.between(1, 4));
    }
  }

  async #cable(): Promise<void> {
    while (!this.#isOver && this.#rig !== undefined) {
      await this.#wait(this.#random.between(5, 20));
      if (this.#isOver) return;
      await this.#rig.hangUp();
      this.nUnplugged++;
      await this.#wait(this.#random.between(0.5, 3));
      await this.#rig.replug();
    }
  }
}
