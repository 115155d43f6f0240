import { Observable, type Subscriber, type Subscription } from 'rxjs';
import { ChirpdError, isChirpdError } from '../pipelines/core/errors.js';
import { type AdapterItem, blockLength, type StreamInfo } from '../pipelines/core/signal.js';
import { ClockFit } from './clock-fit.js';

export interface ReconnectOptions {
  /** Opens the source anew. */
  readonly open: () => Promise<Observable<AdapterItem>>;
  /** The connection is lost, or could not be made; it is tried again after so many milliseconds. */
  readonly onLost?: (error: unknown, retryMs: number) => void;
  /** Samples come (again). */
  readonly onConnected?: () => void;
}

const FIRST_RETRY_MS = 100;
/** Short enough for a cable that is put back to count at once; opening costs next to nothing. */
const LONGEST_RETRY_MS = 1000;

/**
 * One stream of a live source over all its connections. After a break it goes on with the same sample clock: what was
 * missed is a `Gap` ('disconnected') whose length is the host's time between the last sample and the first new one.
 *
 * The Observable errors where trying again is of no use: wrong options, or a source that came back with other channels
 * or another rate (`ADAPTER_CHANGED`). It completes when the source does.
 */
export function reconnecting(options: ReconnectOptions): Observable<AdapterItem> {
  return new Observable((subscriber) => {
    const connections = new Connections(options, subscriber);
    connections.connect();
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
  #info: StreamInfo | undefined;
  /** Of the stream: where this connection's sample 0 lies, and the sample to come. */
  #base = 0;
  #next = 0;
  #fit: ClockFit | undefined;

  constructor(options: ReconnectOptions, subscriber: Subscriber<AdapterItem>) {
    this.#options = options;
    this.#subscriber = subscriber;
  }

  connect(): void {
    void this.#open();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#subscription?.unsubscribe();
  }

  async #open(): Promise<void> {
    try {
      const items$ = await this.#options.open();
      if (this.#isStopped) return;
      this.#subscription = items$.subscribe({
        next: (item) => {
          this.#take(item);
        },
        error: (error: unknown) => {
          this.#lost(error);
        },
        complete: () => {
          this.#subscriber.complete();
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
    if (isPermanent(error)) {
      this.#subscriber.error(error);
      return;
    }
    this.#isConnected = false;
    this.#options.onLost?.(error, this.#retryMs);
    this.#timer = setTimeout(() => {
      this.connect();
    }, this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, LONGEST_RETRY_MS);
  }

  #take(item: AdapterItem): void {
    switch (item.type) {
      case 'info':
        this.#begin(item);
        break;
      case 'block':
        this.#connected();
        this.#next = this.#base + item.firstSample + blockLength(item);
        this.#subscriber.next({ ...item, firstSample: this.#base + item.firstSample });
        break;
      case 'gap':
        this.#next = this.#base + item.firstSample + item.nSamples;
        this.#subscriber.next({ ...item, firstSample: this.#base + item.firstSample });
        break;
      case 'clock':
        this.#fit?.add(this.#base + item.sample, item.hostMicros);
        this.#subscriber.next({ ...item, sample: this.#base + item.sample });
        break;
      case 'electrodes':
        this.#subscriber.next({ ...item, sample: this.#base + item.sample });
        break;
      case 'annotation': {
        const baseSeconds = this.#base / (this.#info?.sampleRate ?? 1);
        this.#subscriber.next({ ...item, onsetSeconds: baseSeconds + item.onsetSeconds });
        break;
      }
    }
  }

  #connected(): void {
    if (this.#isConnected) return;
    this.#isConnected = true;
    this.#retryMs = FIRST_RETRY_MS;
    this.#options.onConnected?.();
  }

  #begin(info: StreamInfo): void {
    if (this.#info === undefined) {
      this.#info = info;
      this.#fit = new ClockFit(info.sampleRate, info.startTimeMicros);
      this.#subscriber.next(info);
      return;
    }
    const difference = differenceOf(this.#info, info);
    if (difference !== undefined) {
      this.#subscriber.error(new ChirpdError('ADAPTER_CHANGED', `${info.source} came back with ${difference}`));
      return;
    }
    const missed = info.startTimeMicros - (this.#fit?.hostMicros(this.#next) ?? info.startTimeMicros);
    const nMissed = info.continuesLast === true ? 0 : Math.max(0, Math.round((missed / 1e6) * info.sampleRate));
    this.#base = this.#next + nMissed;
    // The device's clock may have begun anew with the connection; drift is measured from here on.
    const startMicros = info.startTimeMicros - Math.round((this.#base / info.sampleRate) * 1e6);
    this.#fit = new ClockFit(info.sampleRate, startMicros);
    if (nMissed === 0) return;
    this.#subscriber.next({ type: 'gap', firstSample: this.#next, nSamples: nMissed, reason: 'disconnected' });
    this.#next = this.#base;
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
