import { defer, filter, from, type Observable, Subject, switchMap, tap } from 'rxjs';
import type { OpenContext } from '../adapters/adapter.js';
import { ClockFit, type ClockFigures } from '../adapters/clock-fit.js';
import { reconnecting } from '../adapters/reconnect.js';
import { isLiveKind, openAdapter } from '../adapters/registry.js';
import type { QualityFrame } from '../pipelines/core/quality.js';
import { type AdapterItem, blockLength, isSignal, type StreamInfo, type StreamItem } from '../pipelines/core/signal.js';
import { QualityMonitor } from '../pipelines/dsp/channelQuality.js';
import { ArrivalClock } from './arrival-clock.js';
import { Passage } from './passage.js';
import type { BedJournal } from './journal/bed-journal.js';
import type { JournalReplay } from './journal/journal-replay.js';
import type { BedRecorder } from './recording/bed-recorder.js';

export interface BedSourceOptions {
  readonly adapter: { readonly kind: string; readonly options: unknown };
  readonly context: OpenContext;
  readonly onLost: (error: unknown) => void;
  readonly onConnected: () => void;
  /** Gets every item of the signal as the adapter gives it, before anybody else. */
  readonly recorder?: Pick<BedRecorder, 'take'> | undefined;
  /** Keeps the newest samples on disk. */
  readonly journal?: Pick<BedJournal, 'take' | 'kept'> | undefined;
  /** What an earlier process left of this stream, which goes on from there. */
  readonly before?: JournalReplay | undefined;
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
  #before: JournalReplay | undefined;
  #resuming: JournalReplay | undefined;

  constructor(options: BedSourceOptions) {
    this.#options = options;
    this.#before = options.before;
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

  /** True while samples pass that an earlier process has had already. */
  get isResuming(): boolean {
    return this.#resuming?.isUnderWay ?? false;
  }

  /** Cold; a device that is lost is opened again, a file is read once. */
  items(): Observable<StreamItem> {
    return defer(() => this.#open());
  }

  #open(): Observable<StreamItem> {
    const { adapter, onLost, onConnected, journal } = this.#options;
    // Only once: where the source turns out to be another one, its stream begins anew.
    const before = this.#before;
    this.#before = undefined;
    this.#resuming = before;
    const passage = new Passage();
    const context: OpenContext = {
      ...this.#options.context,
      ...before?.context,
      ...(journal && { kept: () => passage.through().then(() => journal.kept()) }),
    };
    const open = async (): Promise<Observable<AdapterItem>> =>
      (await openAdapter(adapter.kind, adapter.options, context)).pipe(
        tap((item) => {
          if (item.type === 'block') passage.enter();
        }),
      );
    const items$ = isLiveKind(adapter.kind)
      ? reconnecting({ open, onLost, onConnected, before: before?.items$ })
      : from(open()).pipe(switchMap((opened$) => opened$));
    return items$.pipe(
      tap((item) => {
        this.#take(item);
        if (this.isResuming) return;
        this.#keep(item);
        if (item.type === 'block') passage.leave();
      }),
      filter(isSignal),
    );
  }

  /** Onto the disk, what an earlier process has not brought there. */
  #keep(item: AdapterItem): void {
    const { recorder, journal } = this.#options;
    // The stream goes on, but a recording of it begins anew.
    if (this.#resuming !== undefined && this.#info !== undefined) recorder?.take(this.#info);
    this.#resuming = undefined;
    journal?.take(item);
    if (isSignal(item)) recorder?.take(item);
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
        this.#arrivals.arrive(
          (item.firstSample + blockLength(item)) / (this.#info?.sampleRate ?? 1),
          this.#arrivedMs(),
        );
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
      case 'position':
        break;
    }
  }

  /** Monotonic milliseconds at which what passes now arrived at this host. */
  #arrivedMs(): number {
    const arrivedMs = this.#resuming?.arrivedMs;
    return arrivedMs === undefined ? performance.now() : performance.now() - Math.max(0, Date.now() - arrivedMs);
  }
}
