import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { ELECTRODES_10_20 } from '../../adapters/synthetic/electrodes.js';
import { Random } from '../../adapters/synthetic/random.js';
import { SyntheticSignal } from '../../adapters/synthetic/signal.js';
import { Pusher } from '../../daemon/client/node.js';
import type { BedInput } from '../e2e/config-file.js';

export const SAMPLE_RATE = 128;
const N_CHANNELS = 4;
const LABELS = ELECTRODES_10_20.slice(0, N_CHANNELS).map(({ label }) => label);
/** Of the signal: then the device is off the patient, and then the same signal comes again. */
const SIGNAL_SECONDS = 270;
const OFF_SECONDS = 90;
/** A whole number of every hop of every band profile, so that each period falls on the same columns. */
export const PERIOD_SECONDS = SIGNAL_SECONDS + OFF_SECONDS;
const PIECE_SECONDS = 1;
export const START_TIME_MICROS = Date.UTC(2026, 1, 3, 4, 5, 6) * 1000;
/** Signal from break to break of a connection, on average. */
const BREAK_SECONDS = 400;

/**
 * A device whose signal repeats, pushed to a daemon as fast as it is taken. Its connection breaks now and then, and
 * what was under way comes again, so that the bed's samples are the same in every run.
 */
export class PeriodicBed {
  readonly name: string;
  readonly #signal: readonly Float32Array[];
  readonly #random: Random;
  readonly #sockets = new Set<WebSocket>();
  readonly #breaks: boolean;
  #pusher: Pusher | undefined;
  #piece = 0;
  nBreaks = 0;

  /** @param breaks whether its connection breaks at all */
  constructor(number: number, breaks: boolean) {
    this.name = `Bed ${String(number)}`;
    this.#breaks = breaks;
    this.#random = new Random(number, 'breaks');
    const signal = new SyntheticSignal({ seed: number, nChannels: N_CHANNELS, sampleRate: SAMPLE_RATE, chirps: true });
    this.#signal = signal.next(SIGNAL_SECONDS * SAMPLE_RATE);
  }

  get config(): BedInput {
    return {
      name: this.name,
      montage: ['Fp1-F3', 'Fp2-F4'],
      adapter: { kind: 'push', resumeSeconds: 600, silenceSeconds: 600 },
    };
  }

  /** Stream time that the daemon has taken, seconds. */
  get seconds(): number {
    return (this.#pusher?.figures.acknowledged ?? 0) / SAMPLE_RATE;
  }

  /** Pushes until told to end, or so many seconds of stream; resolves when all of it was taken. */
  async push(url: string, isOver: () => boolean, mostSeconds = Infinity): Promise<void> {
    const sockets = this.#sockets;
    const pusher = new Pusher({
      url,
      bed: this.name,
      channels: LABELS,
      sampleRate: SAMPLE_RATE,
      source: 'a device whose signal repeats',
      startTimeMicros: START_TIME_MICROS,
      bufferSeconds: 30,
      webSocket: class extends WebSocket {
        constructor(address: string, subprotocol: string) {
          super(address, subprotocol);
          sockets.add(this);
          this.on('close', () => sockets.delete(this));
        }
      },
    });
    this.#pusher = pusher;
    const nPieces = SIGNAL_SECONDS / PIECE_SECONDS;
    const length = PIECE_SECONDS * SAMPLE_RATE;
    while (!isOver() && pusher.nextSample / SAMPLE_RATE < mostSeconds) {
      await pusher.room();
      const from = (this.#piece % nPieces) * length;
      pusher.send(this.#signal.map((values) => values.subarray(from, from + length)));
      this.#piece++;
      if (this.#piece % nPieces === 0) pusher.skip(OFF_SECONDS * SAMPLE_RATE);
      if (this.#breaks && this.#random.uniform() < PIECE_SECONDS / BREAK_SECONDS) {
        this.nBreaks++;
        for (const socket of sockets) socket.terminate();
      }
      await sleep(0);
    }
    await pusher.acknowledged();
    await pusher.close();
  }
}
