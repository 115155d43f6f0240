import { setTimeout as sleep } from 'node:timers/promises';
import { Subscriber } from '../../../daemon/client/node.js';
import type { BedInfo } from '../../../daemon/protocol/messages.js';
import { metricSum } from './metrics-text.js';

const LOOK_MS = 1000;
/** A generator gives what it makes in blocks of so much, so the newest sample is up to so old. */
const BLOCK_MS = 250;
/** No look can set these right any more: nobody waits for the rest of the time. */
const HOPELESS_BEHIND_MS = 3000;
const HOPELESS_EVENTS = 20;
const HOPELESS_DELAY_MS = 1500;

/** Watches a daemon's beds from outside: its events, how old their newest samples are, and its counters of what was dropped. */
export class BedsWatch {
  /** Since `begin`: of each event. */
  delaysMs: number[] = [];
  /** Since `begin`: of each bed and look. */
  behindMs: number[] = [];
  nDropped = 0;
  readonly #url: string;
  readonly #nBeds: number;
  /** Least age of the newest sample of each bed: what its clock and its start make of it. */
  readonly #leastAgeMs = new Map<string, number>();
  readonly #subscription: { unsubscribe(): void };
  #droppedBefore = 0;

  constructor(url: string, nBeds: number) {
    this.#url = url;
    this.#nBeds = nBeds;
    this.#subscription = new Subscriber({ url }).messages$.subscribe({
      next: (message) => {
        if (message.type === 'event') this.delaysMs.push(message.delayMs);
      },
    });
  }

  close(): void {
    this.#subscription.unsubscribe();
  }

  /** What comes from now on counts. */
  async begin(): Promise<void> {
    this.#droppedBefore = dropped(await this.metrics());
    this.delaysMs = [];
    this.behindMs = [];
    this.nDropped = 0;
  }

  async metrics(): Promise<string> {
    return (await fetch(new URL('/v1/metrics', this.#url))).text();
  }

  /**
   * Looks once a second for so long, or until nothing can be set right any more.
   *
   * @param leastEvents at most three times as long, until there are so many
   * @returns what is wrong; empty where nothing is
   */
  async look(seconds: number, onLook?: () => void, leastEvents = 0): Promise<readonly string[]> {
    const startMs = performance.now();
    const endMs = startMs + seconds * 1000;
    const isOver = (): boolean => {
      const nowMs = performance.now();
      return nowMs >= endMs && (this.delaysMs.length >= leastEvents || nowMs >= startMs + 3 * (endMs - startMs));
    };
    for (;;) {
      await sleep(Math.min(LOOK_MS, 1000 * seconds));
      const { beds } = (await (await fetch(new URL('/v1/beds', this.#url))).json()) as { beds: readonly BedInfo[] };
      const nowMs = Date.now();
      for (const bed of beds) this.#see(bed, nowMs);
      this.nDropped = dropped(await this.metrics()) - this.#droppedBefore;
      onLook?.();
      if (isOver() || this.#isHopeless()) return this.#faults(beds);
    }
  }

  #see({ bed, newestTimeMicros }: BedInfo, nowMs: number): void {
    if (newestTimeMicros === 0) return;
    const ageMs = nowMs - newestTimeMicros / 1000;
    const least = Math.min(ageMs, this.#leastAgeMs.get(bed) ?? Infinity);
    this.#leastAgeMs.set(bed, least);
    this.behindMs.push(Math.max(0, ageMs - least - BLOCK_MS));
  }

  #isHopeless(): boolean {
    const nLate = this.delaysMs.filter((each) => each > HOPELESS_DELAY_MS).length;
    return this.nDropped > 0 || nLate > HOPELESS_EVENTS || quantile(this.behindMs, 0.99) > HOPELESS_BEHIND_MS;
  }

  #faults(beds: readonly BedInfo[]): readonly string[] {
    const nStreaming = beds.filter(({ state }) => state === 'streaming').length;
    return nStreaming === this.#nBeds ? [] : [`${nStreaming} of ${this.#nBeds} beds stream`];
  }
}

/** All that the daemon ever left out. */
function dropped(metrics: string): number {
  const names = [
    'chirpd_bed_steps_left_out_total',
    'chirpd_timeline_lost_records_total',
    'chirpd_client_left_out_messages_total',
    'chirpd_recording_left_out_samples_total',
  ];
  return names.reduce((sum, name) => sum + metricSum(metrics, name), 0);
}

/** Nearest rank; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
