import { setTimeout as sleep } from 'node:timers/promises';
import type { Subscription } from 'rxjs';
import type { Test } from 'tap';
import type { Adapter } from '../../adapters/adapter.js';
import { fullSpeedPacer } from '../../adapters/pacer.js';
import { isChirpdError } from '../../pipelines/core/errors.js';
import { type AdapterItem, blockLength, type Gap, type SampleBlock } from '../../pipelines/core/signal.js';
import { contractBreach } from './conformance.js';

/** A device, emulated or real, on its real transport, that a test can ill-treat. It streams from the start. */
export interface LiveRig<Options> {
  readonly options: Options;
  /** Whether microvolts, one of each channel, are a sample that was sent: a signal whose samples give themselves away. */
  readonly isSent?: (microvolts: readonly number[]) => boolean;
  /** Falls silent, the transport stays up; and speaks again. */
  pause(): void;
  resume(): void;
  /** Bytes into the stream that belong to no packet. Left out where the transport makes that impossible. */
  damage?: () => void;
  /** Leaves out packets while the counter goes on. Returns how many samples. Left out where nothing can be lost. */
  lose?: (nPackets: number) => number;
  /** The cable is pulled, the program ends; and is there again under the same options. */
  hangUp(): Promise<void>;
  replug(): Promise<void>;
  stop(): Promise<void>;
}

export interface LiveConformanceOptions<Options> {
  readonly adapter: Adapter<Options>;
  readonly start: () => Promise<LiveRig<Options>>;
  /** What the stream holds open at this moment (file descriptors, sockets), counted. */
  readonly resources?: () => number;
  /** Longest silence, in milliseconds, after which the adapter must have given up. Default 6000. */
  readonly silenceMs?: number;
}

/** Longest block, in seconds: what a live view is behind for. */
const LONGEST_BLOCK_SECONDS = 0.26;

/** A subscription and all that came of it. */
class Listener {
  readonly items: AdapterItem[] = [];
  error: unknown;
  isOver = false;
  readonly #subscription: Subscription;

  constructor(adapter: Adapter<unknown>, options: unknown) {
    this.#subscription = adapter.open(options, { pacer: fullSpeedPacer() }).subscribe({
      next: (item) => this.items.push(item),
      error: (error: unknown) => {
        this.error = error;
        this.isOver = true;
      },
      complete: () => (this.isOver = true),
    });
  }

  get blocks(): SampleBlock[] {
    return this.items.filter((item) => item.type === 'block');
  }

  get gaps(): Gap[] {
    return this.items.filter((item) => item.type === 'gap');
  }

  get sampleRate(): number {
    const info = this.items[0];
    return info?.type === 'info' ? info.sampleRate : NaN;
  }

  get nSamples(): number {
    return this.blocks.reduce((sum, block) => sum + blockLength(block), 0);
  }

  /** Waits until the stream has brought this many more seconds of signal. @throws Error after ten seconds more */
  async hear(seconds: number): Promise<void> {
    const before = this.nSamples;
    const arrived = (): boolean => this.isOver || this.nSamples - before >= seconds * this.sampleRate;
    await until(arrived, seconds * 1000 + 10_000, `${String(seconds)} s of signal`);
  }

  /** Samples that no rig has sent. */
  nWrong(isSent: (microvolts: readonly number[]) => boolean): number {
    let nWrong = 0;
    for (const block of this.blocks)
      for (let i = 0; i < blockLength(block); i++) if (!isSent(block.samples.map((s) => s[i]!))) nWrong++;
    return nWrong;
  }

  leave(): void {
    this.#subscription.unsubscribe();
  }
}

async function until(isTrue: () => boolean, timeoutMs: number, what: string): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`${what} did not come within ${String(Math.round(timeoutMs))} ms`);
    await sleep(10);
  }
}

/** Neither timers nor input are dealt with meanwhile: as when something long is reckoned, or the process is stopped. */
function holdUp(seconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
}

/** What every adapter of a live device must do, over its real transport. */
export function liveAdapterConformance<Options>(t: Test, conformance: LiveConformanceOptions<Options>): void {
  const { start, resources = () => 0, silenceMs = 6000 } = conformance;
  const adapter = conformance.adapter as Adapter<unknown>;

  /** Runs a test with a device of its own, which is there before and gone after. */
  const withRig = (name: string, work: (t: Test, rig: LiveRig<Options>) => Promise<void>): void => {
    void t.test(name, async (t) => {
      const rig = await start();
      try {
        await work(t, rig);
      } finally {
        await rig.stop();
      }
    });
  };

  withRig('keeps the contract of a live stream', async (t, rig) => {
    const listener = new Listener(adapter, rig.options);
    await listener.hear(2);
    listener.leave();
    t.equal(contractBreach(listener.items), undefined);
    t.same(listener.gaps, [], 'nothing lost');
    const longest = Math.max(...listener.blocks.map((block) => blockLength(block) / listener.sampleRate));
    t.ok(longest <= LONGEST_BLOCK_SECONDS, `blocks are short (${String(longest)} s)`);
    if (rig.isSent !== undefined) t.equal(listener.nWrong(rig.isSent), 0, 'every sample was sent');
    const info = listener.items[0];
    t.ok(info?.type === 'info' && info.nSamplesTotal === undefined, 'a live stream has no end');
    t.ok(info?.type === 'info' && Math.abs(info.startTimeMicros / 1000 - Date.now()) < 10_000, 'it starts now');
  });

  withRig('reads the clock with the samples', async (t, rig) => {
    const listener = new Listener(adapter, rig.options);
    await listener.hear(2);
    listener.leave();
    const readings = listener.items.filter((item) => item.type === 'clock');
    t.ok(readings.length >= 2, `${String(readings.length)} readings in 2 s`);
    const near = readings.every(({ hostMicros }) => Math.abs(hostMicros / 1000 - Date.now()) < 10_000);
    t.ok(near, 'in Unix microseconds');
    const rising = readings.every(({ sample }, i) => i === 0 || sample > readings[i - 1]!.sample);
    t.ok(rising, 'one reading a sample, in order');
  });

  withRig('opens nothing before it is subscribed to', async (t, rig) => {
    const before = resources();
    adapter.open(rig.options, { pacer: fullSpeedPacer() });
    await sleep(50);
    t.equal(resources(), before);
  });

  withRig('unsubscribing at any moment releases everything and nothing follows', async (t, rig) => {
    const before = resources();
    for (const waitMs of [0, 1, 5, 20, 60, 200, 600]) {
      const listener = new Listener(adapter, rig.options);
      await sleep(waitMs);
      listener.leave();
      const nItems = listener.items.length;
      await until(() => resources() === before, 2000, `release after ${String(waitMs)} ms`);
      await sleep(30);
      t.equal(listener.items.length, nItems, `nothing came after leaving at ${String(waitMs)} ms`);
      t.equal(listener.error, undefined, `no error on leaving at ${String(waitMs)} ms`);
    }
  });

  withRig('a second subscription streams, or says why not; the first goes on', async (t, rig) => {
    const first = new Listener(adapter, rig.options);
    await first.hear(0.3);
    const second = new Listener(adapter, rig.options);
    await until(() => second.isOver || second.blocks.length > 0, 8000, 'the second one');
    if (second.isOver) t.ok(isChirpdError(second.error), String(second.error));
    else t.equal(contractBreach(second.items), undefined);
    await first.hear(0.5);
    t.equal(first.isOver, false);
    t.equal(contractBreach(first.items), undefined);
    first.leave();
    second.leave();
  });

  withRig('a short silence is waited for', async (t, rig) => {
    const listener = new Listener(adapter, rig.options);
    await listener.hear(0.5);
    rig.pause();
    await sleep(400);
    rig.resume();
    await listener.hear(1);
    t.equal(listener.error, undefined);
    t.equal(contractBreach(listener.items), undefined);
    listener.leave();
  });

  withRig('a device that falls silent is given up', async (t, rig) => {
    const before = resources();
    const listener = new Listener(adapter, rig.options);
    await listener.hear(0.5);
    rig.pause();
    await until(() => listener.isOver, silenceMs, 'an error');
    t.ok(isChirpdError(listener.error), String(listener.error));
    await until(() => resources() === before, 2000, 'release');
  });

  withRig('a process that was held up reads what waits before it calls a device silent', async (t, rig) => {
    const listener = new Listener(adapter, rig.options);
    await listener.hear(0.5);
    const { silenceSeconds = 2 } = rig.options as { readonly silenceSeconds?: number };
    for (const seconds of [silenceSeconds + 0.02, silenceSeconds + 1]) {
      holdUp(seconds);
      await listener.hear(0.5);
      t.equal(listener.error, undefined, `held up for ${String(seconds)} s`);
    }
    t.equal(contractBreach(listener.items), undefined);
    listener.leave();
  });

  withRig('lost packets are a gap of their length', async (t, rig) => {
    if (rig.lose === undefined) return;
    const listener = new Listener(adapter, rig.options);
    await listener.hear(0.5);
    let nLost = 0;
    for (const nPackets of [1, 2, 7]) {
      nLost += rig.lose(nPackets);
      await listener.hear(0.5);
    }
    listener.leave();
    t.equal(contractBreach(listener.items), undefined);
    t.same([...new Set(listener.gaps.map(({ reason }) => reason))], ['lost-packets']);
    const nInGaps = listener.gaps.reduce((sum, gap) => sum + gap.nSamples, 0);
    t.equal(nInGaps, nLost, 'samples in gaps');
    if (rig.isSent !== undefined) t.equal(listener.nWrong(rig.isSent), 0, 'every sample was sent');
  });

  withRig('garbage is got over', async (t, rig) => {
    if (rig.damage === undefined) return;
    const listener = new Listener(adapter, rig.options);
    await listener.hear(0.5);
    for (let i = 0; i < 3; i++) {
      rig.damage();
      await listener.hear(0.5);
    }
    listener.leave();
    t.equal(contractBreach(listener.items), undefined);
    t.equal(listener.error, undefined);
    if (rig.isSent !== undefined) t.equal(listener.nWrong(rig.isSent), 0, 'every sample was sent');
  });

  withRig('hanging up is an error, and the device opens again', async (t, rig) => {
    const before = resources();
    const listener = new Listener(adapter, rig.options);
    await listener.hear(0.5);
    await rig.hangUp();
    await until(() => listener.isOver, Math.min(2000, silenceMs), 'an error');
    t.ok(isChirpdError(listener.error), String(listener.error));
    await until(() => resources() <= before, 2000, 'release');
    const tooEarly = new Listener(adapter, rig.options);
    await until(() => tooEarly.isOver, silenceMs + 6000, 'an error of a device that is not there');
    t.ok(isChirpdError(tooEarly.error), String(tooEarly.error));
    await rig.replug();
    const again = new Listener(adapter, rig.options);
    await until(() => again.isOver || again.blocks.length > 0, 4000, 'the signal');
    t.equal(again.error, undefined);
    t.equal(contractBreach(again.items), undefined);
    again.leave();
  });
}
