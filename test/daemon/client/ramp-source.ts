import type { Pusher } from '../../../daemon/client/index.js';
import { rampBlock } from '../../adapters/push/ramp.js';

/** An amplifier: gives a pusher its samples in real time, whatever becomes of them. */
export class RampSource {
  readonly #pusher: Pusher;
  readonly #nChannels: number;
  readonly #sampleRate: number;
  readonly #timer: NodeJS.Timeout;
  readonly #startMs = performance.now();
  #pausedMs = 0;
  #pauseBegan: number | undefined;

  constructor(pusher: Pusher, nChannels: number, sampleRate: number, blockMs = 20) {
    this.#pusher = pusher;
    this.#nChannels = nChannels;
    this.#sampleRate = sampleRate;
    this.#timer = setInterval(() => {
      this.#give();
    }, blockMs);
  }

  pause(): void {
    this.#pauseBegan ??= performance.now();
  }

  resume(): void {
    if (this.#pauseBegan !== undefined) this.#pausedMs += performance.now() - this.#pauseBegan;
    this.#pauseBegan = undefined;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #give(): void {
    if (this.#pauseBegan !== undefined) return;
    const seconds = (performance.now() - this.#startMs - this.#pausedMs) / 1000;
    const first = this.#pusher.nextSample;
    const nSamples = Math.floor(seconds * this.#sampleRate) - first;
    if (nSamples > 0)
      this.#pusher.send(rampBlock(this.#nChannels, first, nSamples), Math.round(performance.now() * 1000));
  }
}
