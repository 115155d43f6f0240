import type { Subscription } from 'rxjs';
import { errorText } from '../../pipelines/core/errors.js';
import type { AdapterItem, StreamInfo } from '../../pipelines/core/signal.js';
import type { Pacer } from '../adapter.js';
import { fileKindOf } from '../file-kind.js';
import { openAdapter } from '../registry.js';
import type { PlayedSample, PlayedSignal } from './device.js';
import { RateConverter } from './rate-converter.js';

/** Read ahead of what is played. */
const AHEAD_SECONDS = 2;

export interface RecordedSignalOptions {
  /** A recording that chirpd reads. */
  readonly path: string;
  /** Samples a second that the device takes. */
  readonly sampleRate: number;
  /** From the beginning again at the end. */
  readonly loops: boolean;
}

/** A recording, read as it is played, at the rate of a device. */
export class RecordedSignal implements PlayedSignal {
  readonly #options: RecordedSignalOptions;
  #converter: RateConverter | undefined;
  #info: StreamInfo | undefined;
  #subscription: Subscription | undefined;
  #waiting: { readonly seconds: number; readonly go: () => void } | undefined;
  /** What ended the recording before its end. */
  #error: unknown;
  #isClosed = false;

  private constructor(options: RecordedSignalOptions) {
    this.#options = options;
  }

  /** @throws ChirpdError ADAPTER_FILE_KIND, or what the recording's adapter says */
  static async open(options: RecordedSignalOptions): Promise<RecordedSignal> {
    const signal = new RecordedSignal(options);
    await signal.#begin();
    return signal;
  }

  /** What is played. */
  get info(): StreamInfo {
    return this.#info!;
  }

  /** Why the recording ended early; undefined where it did not. */
  get failure(): string | undefined {
    return this.#error === undefined ? undefined : errorText(this.#error);
  }

  next(): PlayedSample | 'end' | undefined {
    const sample = this.#converter?.next();
    this.#letGo();
    if (sample !== 'end' || !this.#options.loops || this.#error !== undefined) return sample;
    this.#converter = undefined;
    this.#begin().catch((error: unknown) => {
      this.#error = error;
    });
    return undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.#subscription?.unsubscribe();
    this.#waiting?.go();
  }

  /** Opens the recording and waits for its first item. */
  async #begin(): Promise<void> {
    const { path, sampleRate } = this.#options;
    const stream$ = await openAdapter(await fileKindOf(path), { path }, { pacer: this.#pacer });
    if (this.#isClosed) return;
    await new Promise<void>((resolve, reject) => {
      let converter: RateConverter | undefined;
      const take = (item: AdapterItem): void => {
        if (item.type === 'info') {
          converter = new RateConverter(item.sampleRate, sampleRate);
          this.#converter = converter;
          this.#info = item;
          resolve();
        } else if (item.type === 'block' || item.type === 'gap') converter?.push(item);
      };
      this.#subscription = stream$.subscribe({
        next: take,
        error: (error: unknown) => {
          this.#error = error;
          converter?.end();
          reject(error instanceof Error ? error : new Error(errorText(error)));
        },
        complete: () => {
          converter?.end();
          resolve();
        },
      });
    });
  }

  readonly #pacer: Pacer = {
    due: (seconds) =>
      new Promise((resolve) => {
        this.#waiting = { seconds, go: resolve };
        this.#letGo();
      }),
  };

  /** Lets the recording go on where little is left of what was read. */
  #letGo(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const played = this.#converter === undefined ? 0 : this.#converter.position / this.info.sampleRate;
    if (!this.#isClosed && waiting.seconds - played > AHEAD_SECONDS) return;
    this.#waiting = undefined;
    waiting.go();
  }
}
