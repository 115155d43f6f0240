import { defer, filter, from, type Observable, Subject, switchMap, tap } from 'rxjs';
import type { OpenContext } from '../adapters/adapter.js';
import { ClockFit, type ClockFigures } from '../adapters/clock-fit.js';
import { reconnecting } from '../adapters/reconnect.js';
import { isLiveKind, openAdapter } from '../adapters/registry.js';
import type { QualityFrame } from '../pipelines/core/quality.js';
import { type AdapterItem, blockLength, isSignal, type StreamInfo, type StreamItem } from '../pipelines/core/signal.js';
import { QualityMonitor } from '../pipelines/dsp/channelQuality.js';
import { ArrivalClock } from './arrival-clock.js';
import type { BedRecorder } from './recording/bed-recorder.js';

export interface BedSourceOptions {
  readonly adapter: { readonly kind: string; readonly options: unknown };
  readonly context: OpenContext;
  readonly onLost: (error: unknown) => void;
  readonly onConnected: () => void;
  /** Gets every item of the signal as the adapter gives it, before anybody else. */
  readonly recorder?: Pick<BedRecorder, 'take'> | undefined;
}

/** Where a bed's samples come from, and what is known of them before any pipeline: clocks, arrivals, electrodes. */
export class BedSource {
  /** Hot: once a second of stream time. */
  readonly quality$: Observable<QualityFrame>;
  readonly #quality = new Subject<QualityFrame>();
  readonly #options: BedSourceOptions;
  #arrivals = new ArrivalClock();
  #info: StreamInfo | undefined;
  #fit: ClockFit | undefined;
  #monitor: QualityMonitor | undefined;
  #newestQuality: QualityFrame | undefined;

  constructor(options: BedSourceOptions) {
    this.#options = options;
    this.quality$ = this.#quality.asObservable();
  }

  /** Undefined before the stream has begun. */
  get info(): StreamInfo | undefined {
    return this.#info;
  }

  get arrivals(): Pick<ArrivalClock, 'newestSeconds' | 'newestMs' | 'arrivalMs'> {
    return this.#arrivals;
  }

  get newestQuality(): QualityFrame | undefined {
    return this.#newestQuality;
  }

  /** Undefined for a source without a clock of its own, and before there is enough to tell. */
  get clock(): ClockFigures | undefined {
    return this.#fit?.figures();
  }

  /** Cold; a device that is lost is opened again, a file is read once. */
  items(): Observable<StreamItem> {
    const { adapter, context, onLost, onConnected, recorder } = this.#options;
    const open = (): Promise<Observable<AdapterItem>> => openAdapter(adapter.kind, adapter.options, context);
    const items$ = isLiveKind(adapter.kind)
      ? reconnecting({ open, onLost, onConnected })
      : defer(() => from(open())).pipe(switchMap((opened$) => opened$));
    return items$.pipe(
      tap((item) => {
        this.#take(item);
      }),
      filter(isSignal),
      tap((item) => recorder?.take(item)),
    );
  }

  #take(item: AdapterItem): void {
    switch (item.type) {
      case 'info':
        this.#info = item;
        this.#arrivals = new ArrivalClock();
        this.#fit = undefined;
        this.#monitor = new QualityMonitor(item);
        this.#newestQuality = undefined;
        break;
      case 'block':
        this.#arrivals.arrive((item.firstSample + blockLength(item)) / (this.#info?.sampleRate ?? 1));
        for (const frame of this.#monitor?.block(item) ?? []) {
          this.#newestQuality = frame;
          this.#quality.next(frame);
        }
        break;
      case 'clock':
        if (this.#info === undefined) break;
        this.#fit ??= new ClockFit(this.#info.sampleRate, this.#info.startTimeMicros);
        this.#fit.add(item.sample, item.hostMicros);
        break;
      case 'electrodes':
        this.#monitor?.electrodes(item);
        break;
      case 'gap':
      case 'annotation':
        break;
    }
  }
}
