import type { Subscription } from 'rxjs';
import type { Pacer } from '../../../adapters/adapter.js';
import { fullSpeedPacer } from '../../../adapters/pacer.js';
import { pushAdapter } from '../../../adapters/push/adapter.js';
import { pushOptionsSchema } from '../../../adapters/push/options.js';
import type { PushSlot } from '../../../adapters/push/push-slot.js';
import { type AdapterItem, blockLength, type Gap, type StreamInfo } from '../../../pipelines/core/signal.js';
import { contractBreach } from '../conformance.js';
import { RAMP_PERIOD, rampSample } from './ramp.js';

export interface BedListenerOptions {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly pacer?: Pacer;
}

/** A bed's subscription to what is pushed to it, and all that came. */
export class BedListener {
  readonly items: AdapterItem[] = [];
  readonly told: string[] = [];
  error: unknown;
  isOver = false;
  readonly #subscription: Subscription;

  constructor(pushSlot: PushSlot, { options = {}, pacer = fullSpeedPacer() }: BedListenerOptions = {}) {
    const tell = (text: string): void => void this.told.push(text);
    this.#subscription = pushAdapter.open(pushOptionsSchema.parse(options), { pacer, pushSlot, tell }).subscribe({
      next: (item) => this.items.push(item),
      error: (error: unknown) => {
        this.error = error;
        this.isOver = true;
      },
      complete: () => (this.isOver = true),
    });
  }

  get info(): StreamInfo | undefined {
    const first = this.items[0];
    return first?.type === 'info' ? first : undefined;
  }

  get gaps(): Gap[] {
    return this.items.filter((item) => item.type === 'gap');
  }

  /** Samples that came, without those in gaps. */
  get nSamples(): number {
    return this.items.reduce((sum, item) => sum + (item.type === 'block' ? blockLength(item) : 0), 0);
  }

  /** Samples that came or lie in a gap. */
  get end(): number {
    return this.nSamples + this.gaps.reduce((sum, gap) => sum + gap.nSamples, 0);
  }

  /** What is wrong with a ramp that was pushed from `first` on; undefined where every sample is in its place. */
  breach(first = 0): string | undefined {
    return rampBreach(this.items, first);
  }

  leave(): void {
    this.#subscription.unsubscribe();
  }
}

/** What is wrong with a stream that holds a ramp from `first` on; undefined where every sample is in its place. */
export function rampBreach(items: readonly AdapterItem[], first = 0): string | undefined {
  const breach = contractBreach(items);
  if (breach !== undefined) return breach;
  for (const item of items) {
    if (item.type !== 'block') continue;
    for (let i = 0; i < blockLength(item); i++) {
      const wanted = (first + item.firstSample + i) % RAMP_PERIOD;
      const found = rampSample(item.samples.map((channel) => channel[i] ?? NaN));
      if (found !== wanted) return `sample ${first + item.firstSample + i} holds ${found}`;
    }
  }
  return undefined;
}
