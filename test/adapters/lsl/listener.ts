import { setTimeout as sleep } from 'node:timers/promises';
import type { Subscription } from 'rxjs';
import { lslAdapter } from '../../../adapters/lsl/adapter.js';
import { lslOptionsSchema } from '../../../adapters/lsl/options.js';
import { fullSpeedPacer } from '../../../adapters/pacer.js';
import {
  blockLength,
  type AdapterItem,
  type ClockReading,
  type Gap,
  type SampleBlock,
  type StreamInfo,
} from '../../../pipelines/core/signal.js';

/** Everything that comes of one stream. */
export class Listener {
  readonly items: AdapterItem[] = [];
  error: unknown;
  readonly #subscription: Subscription;

  constructor(
    options: Readonly<Record<string, unknown>>,
    stream$ = lslAdapter.open(lslOptionsSchema.parse(options), { pacer: fullSpeedPacer() }),
  ) {
    this.#subscription = stream$.subscribe({
      next: (item) => this.items.push(item),
      error: (error: unknown) => {
        this.error = error;
      },
    });
  }

  get info(): StreamInfo {
    const [info] = this.items;
    if (info?.type !== 'info') throw new Error(`no StreamInfo came: ${String(this.error)}`);
    return info;
  }

  get blocks(): readonly SampleBlock[] {
    return this.items.filter((item) => item.type === 'block');
  }

  get gaps(): readonly Gap[] {
    return this.items.filter((item) => item.type === 'gap');
  }

  get readings(): readonly ClockReading[] {
    return this.items.filter((item) => item.type === 'clock');
  }

  get nSamples(): number {
    return this.blocks.reduce((sum, block) => sum + blockLength(block), 0);
  }

  /** All samples of one channel, gaps left out. */
  channel(index: number): readonly number[] {
    return this.blocks.flatMap(({ samples }) => [...samples[index]!]);
  }

  /** Waits for so many more samples, or an error. */
  async hear(nSamples: number): Promise<void> {
    const wanted = this.nSamples + nSamples;
    await this.until(() => this.nSamples >= wanted || this.error !== undefined);
  }

  async until(isTrue: () => boolean, timeoutMs = 15_000): Promise<void> {
    const end = performance.now() + timeoutMs;
    while (!isTrue()) {
      if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain; error: ${String(this.error)}`);
      await sleep(10);
    }
  }

  leave(): void {
    this.#subscription.unsubscribe();
  }
}
