import { Observable, type Subscriber, type Subscription } from 'rxjs';
import { ChirpdError, isChirpdError } from '../pipelines/core/errors.js';
import type { AdapterItem, GapReason, StreamInfo } from '../pipelines/core/signal.js';
import { type ConnectionItem, StreamPlace } from './stream-place.js';

export interface ReconnectOptions {
  /**
   * What an earlier process had of this stream, its info first: it comes before everything else, and the source goes
   * on from its end. The source is opened at once, and what it gives waits meanwhile.
   */
  readonly before?: Observable<AdapterItem> | undefined;
  /** Opens the source anew. */
  readonly open: () => Promise<Observable<AdapterItem>>;
  /** The connection is lost, or could not be made; it is tried again after so many milliseconds. */
  readonly onLost?: (error: unknown, retryMs: number) => void;
  /** Samples come (again). */
  readonly onConnected?: () => void;
}

const FIRST_RETRY_MS = 100;
/** Short enough for a cable that is put back to count at once; opening costs next to nothing. */
const LONGEST_RETRY_MS = 250;

/**
 * One stream of a live source over all its connections. After a break it goes on with the same sample clock: what was
 * missed is a `Gap` ('disconnected') whose length is the host's time between the last sample and the first new one. To
 * tell it right, the first samples after a break are held back for a moment (`StreamPlace`). Behind what an earlier process
 * had, the gap's reason is 'restart'.
 *
 * The Observable errors where trying again is of no use: wrong options, or a source that came back with other channels
 * or another rate (`ADAPTER_CHANGED`). It completes when the source does.
 */
export function reconnecting(options: ReconnectOptions): Observable<AdapterItem> {
  return new Observable((subscriber) => {
    const connections = new Connections(options, subscriber);
    connections.start();
    return () => {
      connections.stop();
    };
  });
}

class Connections {
  readonly #options: ReconnectOptions;
  readonly #subscriber: Subscriber<AdapterItem>;
  #subscription: Subscription | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #isConnected = false;
  #retryMs = FIRST_RETRY_MS;
  /** Of the stream. */
  #info: StreamInfo | undefined;
  /** Of the newest connection that gave its info. */
  #place: StreamPlace | undefined;
  /** What has come of it while its place is not known. */
  #held: ConnectionItem[] = [];
  /** What the source does while what an earlier process had is under way. */
  #waiting: (() => void)[] | undefined;
  #before: Subscription | undefined;
  #gapReason: GapReason = 'disconnected';

  constructor(options: ReconnectOptions, subscriber: Subscriber<AdapterItem>) {
    this.#options = options;
    this.#subscriber = subscriber;
  }

  start(): void {
    const { before } = this.#options;
    if (before !== undefined) {
      this.#waiting = [];
      this.#gapReason = 'restart';
      this.#before = before.subscribe({
        next: (item) => {
          this.#take(item);
        },
        error: (error: unknown) => {
          this.#subscriber.error(error);
        },
        complete: () => {
          const waiting = this.#waiting ?? [];
          this.#waiting = undefined;
          for (const give of waiting) if (!this.#isStopped) give();
        },
      });
    }
    this.#connect();
  }

  #connect(): void {
    void this.#open();
  }

  /** Now, or behind what an earlier process had. */
  #inTurn(give: () => void): void {
    if (this.#waiting === undefined) give();
    else this.#waiting.push(give);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#before?.unsubscribe();
    this.#subscription?.unsubscribe();
  }

  async #open(): Promise<void> {
    try {
      const items$ = await this.#options.open();
      if (this.#isStopped) return;
      this.#subscription = items$.subscribe({
        next: (item) => {
          const arrivedMs = performance.now();
          this.#inTurn(() => {
            this.#take(item, arrivedMs);
          });
        },
        error: (error: unknown) => {
          this.#inTurn(() => {
            this.#lost(error);
          });
        },
        complete: () => {
          this.#inTurn(() => {
            this.#settle();
            this.#subscriber.complete();
          });
        },
      });
      if (this.#hasStopped()) this.#subscription.unsubscribe();
    } catch (error) {
      this.#lost(error);
    }
  }

  /** The subscriber may leave while it is handed an item. */
  #hasStopped(): boolean {
    return this.#isStopped;
  }

  #lost(error: unknown): void {
    if (this.#isStopped) return;
    this.#settle();
    if (this.#hasStopped()) return;
    if (isPermanent(error)) {
      this.#subscriber.error(error);
      return;
    }
    this.#isConnected = false;
    this.#options.onLost?.(error, this.#retryMs);
    this.#timer = setTimeout(() => {
      this.#connect();
    }, this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, LONGEST_RETRY_MS);
  }

  /** @param arrivedMs monotonic; left out where an earlier process had it */
  #take(item: AdapterItem, arrivedMs?: number): void {
    if (item.type === 'info') {
      this.#begin(item);
      return;
    }
    const place = this.#place;
    if (place === undefined) return;
    const isEnough = place.read(item, arrivedMs);
    if (place.isKnown) {
      this.#giveOn(place, item);
      return;
    }
    this.#held.push(item);
    if (isEnough) this.#settle();
  }

  #giveOn(place: StreamPlace, item: ConnectionItem): void {
    this.#subscriber.next(place.inStream(item));
    // Behind the samples: who hears of it and looks finds them there.
    if (item.type === 'block' && !this.#hasStopped()) this.#connected();
  }

  #connected(): void {
    if (this.#isConnected || this.#waiting !== undefined) return;
    this.#isConnected = true;
    this.#retryMs = FIRST_RETRY_MS;
    this.#options.onConnected?.();
  }

  #begin(info: StreamInfo): void {
    const before = this.#info;
    this.#info ??= info;
    const difference = differenceOf(this.#info, info);
    if (difference !== undefined) {
      this.#subscriber.error(new ChirpdError('ADAPTER_CHANGED', `${info.source} came back with ${difference}`));
      return;
    }
    this.#held = [];
    this.#place = new StreamPlace(info, this.#place?.leave());
    if (before === undefined) this.#subscriber.next(info);
    else if (this.#place.isKnown) this.#gapReason = 'disconnected';
  }

  /** Gives on what was held, behind what was missed. */
  #settle(): void {
    const [place, held] = [this.#place, this.#held];
    if (place === undefined || place.isKnown || !held.some(({ type }) => type === 'block')) return;
    this.#held = [];
    const firstSample = place.leave()?.nextSample ?? 0;
    const nSamples = place.settle();
    const reason = this.#gapReason;
    this.#gapReason = 'disconnected';
    if (nSamples > 0) this.#subscriber.next({ type: 'gap', firstSample, nSamples, reason });
    for (const item of held) if (!this.#isStopped) this.#giveOn(place, item);
  }
}

/** Errors that no new attempt will mend. */
function isPermanent(error: unknown): boolean {
  return isChirpdError(error, 'ADAPTER_OPTIONS') || isChirpdError(error, 'ADAPTER_KIND');
}

function differenceOf(before: StreamInfo, after: StreamInfo): string | undefined {
  if (before.sampleRate !== after.sampleRate)
    return `${String(after.sampleRate)} Hz instead of ${String(before.sampleRate)} Hz`;
  const labels = ({ channels }: StreamInfo): string => channels.map(({ label }) => label).join(', ');
  if (labels(before) !== labels(after)) return `the channels ${labels(after)} instead of ${labels(before)}`;
  return undefined;
}
