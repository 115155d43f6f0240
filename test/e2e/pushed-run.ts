import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { ELECTRODES_10_20 } from '../../adapters/synthetic/electrodes.js';
import { SyntheticSignal } from '../../adapters/synthetic/signal.js';
import { Pusher } from '../../daemon/client/node.js';
import type { TimelineMessage } from '../../daemon/protocol/messages.js';
import { runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { readTimeline } from './read-timeline.js';
import { freePort } from '../free-port.js';

const SAMPLE_RATE = 128;
const N_CHANNELS = 4;
const START_TIME_MICROS = Date.UTC(2026, 1, 3, 4, 5, 6) * 1000;
const PIECE_SECONDS = 0.5;
/** Stream seconds a second: what two cores can look at beside other work. */
const SPEED = 20;
/** The last events are told when nothing more has come for so long, on a busy machine too. */
const QUIET_MS = 4000;
export const BED = 'Bed 7';

/** A daemon with a bed that a program pushes to, and that program: the daemon may be killed, the program goes on. */
export class PushedRun {
  readonly #t: Test;
  readonly #args: readonly string[];
  readonly #pusher: Pusher;
  readonly #signal: SyntheticSignal;
  readonly #seconds: number;
  readonly complaints: string[] = [];
  daemon: DaemonProcess;
  #hasSentAll = false;

  private constructor(t: Test, folder: string, port: number, seed: number, seconds: number) {
    this.#t = t;
    this.#seconds = seconds;
    const config = writeConfig(folder, 'pushed', {
      server: { port },
      beds: [{ name: BED, adapter: { kind: 'push', resumeSeconds: 120 } }],
    });
    this.#args = runArguments(config, `${folder}/data`);
    this.daemon = this.#start();
    this.#signal = new SyntheticSignal({ seed, nChannels: N_CHANNELS, sampleRate: SAMPLE_RATE, chirps: true });
    this.#pusher = new Pusher({
      url: `http://127.0.0.1:${port}`,
      bed: BED,
      channels: ELECTRODES_10_20.slice(0, N_CHANNELS).map(({ label }) => label),
      sampleRate: SAMPLE_RATE,
      source: 'made up',
      startTimeMicros: START_TIME_MICROS,
    });
    t.teardown(() => {
      this.#pusher.abort();
    });
  }

  /** @param seconds of signal that is pushed, some twenty times as fast as it would come */
  static async start(
    t: Test,
    folder: string,
    { seed, seconds }: { seed: number; seconds: number },
  ): Promise<PushedRun> {
    return new PushedRun(t, folder, await freePort(), seed, seconds);
  }

  get hasSentAll(): boolean {
    return this.#hasSentAll;
  }

  /** Pushes everything; resolves when the daemon has acknowledged it. */
  async push(): Promise<void> {
    for (let seconds = 0; seconds < this.#seconds; seconds += PIECE_SECONDS) {
      await this.#pusher.room();
      this.#pusher.send(this.#signal.next(PIECE_SECONDS * SAMPLE_RATE));
      await sleep((PIECE_SECONDS / SPEED) * 1000);
    }
    this.#hasSentAll = true;
    await this.#pusher.acknowledged();
  }

  /** SIGKILL, and a new process at once. */
  async restart(): Promise<void> {
    const { signal } = await this.daemon.kill();
    if (signal !== 'SIGKILL') this.#t.fail(`the daemon ended by itself:\n${this.daemon.stderr}`);
    this.complaints.push(...this.daemon.complaints());
    this.daemon = this.#start();
  }

  /** Ends the stream, and gives all that the timeline holds. */
  async finish(): Promise<readonly TimelineMessage[]> {
    await this.#pusher.close();
    const address = await this.daemon.ready();
    let newest = 0;
    for (let quietMs = performance.now(); ;) {
      const records = await readTimeline(address);
      const { cursor } = records.at(-1) ?? { cursor: 0 };
      if (cursor !== newest) quietMs = performance.now();
      newest = cursor;
      const hasEnded = records.some((record) => record.type === 'stream' && record.what === 'lost');
      // That the pusher has gone is told at once; what the model still has to look at comes after it.
      if (hasEnded && performance.now() - quietMs > QUIET_MS) {
        await this.daemon.kill();
        this.complaints.push(...this.daemon.complaints());
        return records;
      }
      await sleep(100);
    }
  }

  #start(): DaemonProcess {
    const daemon = new DaemonProcess(this.#args);
    this.#t.teardown(() => daemon.kill());
    return daemon;
  }
}
