import { createHash } from 'node:crypto';
import { defer, filter, from, Subject, type Subscription, switchMap, tap } from 'rxjs';
import { createPacer } from '../adapters/pacer.js';
import { openAdapter } from '../adapters/registry.js';
import type { Detector } from '../pipelines/core/detection.js';
import { errorText } from '../pipelines/core/errors.js';
import { bandProfile, type ProfileName } from '../pipelines/core/profile.js';
import { blockLength, isSignal, type StreamInfo, type StreamItem } from '../pipelines/core/signal.js';
import type { PipelineOutput } from '../pipelines/items.js';
import type { MontageSpec } from '../pipelines/montage.js';
import { pipeline } from '../pipelines/pipeline.js';
import { ArrivalClock } from './arrival-clock.js';
import { type Bed, STOPPED } from './bed.js';
import type { BedInfo } from './protocol/messages.js';

export interface CreateBedOptions {
  readonly name: string;
  readonly adapter: { readonly kind: string; readonly options: unknown };
  /** Times real time; 'max': as fast as the pipeline takes it. */
  readonly speed: number | 'max';
  readonly montage: MontageSpec;
  readonly profiles: readonly ProfileName[];
  readonly mainsHz?: 50 | 60 | undefined;
  readonly presence?: number | undefined;
  readonly confirmSteps?: number | undefined;
  readonly detector: Detector;
}

/** Detection steps under way at which a file or generator is held back: enough to keep the model busy. */
const PENDING_STEPS = 6;

export function createBed(options: CreateBedOptions): Bed {
  return new PipelineBed(options);
}

class PipelineBed implements Bed {
  readonly name: string;
  private readonly options: CreateBedOptions;
  private readonly output = new Subject<PipelineOutput>();
  private readonly state = new Subject<BedInfo>();
  readonly output$ = this.output.asObservable();
  readonly state$ = this.state.asObservable();
  private readonly arrivals = new ArrivalClock();
  private readonly abort = new AbortController();
  private readonly room = new Subject<void>();
  private subscription: Subscription | undefined;
  private sourceInfo: StreamInfo | undefined;
  private derivations: readonly string[] = [];
  private nPending = 0;
  private nStepsLeftOut = 0;
  private leftOutReason = '';
  private phase: { readonly state: BedInfo['state']; readonly text: string } = { state: 'starting', text: 'opening' };

  constructor(options: CreateBedOptions) {
    this.options = options;
    this.name = options.name;
  }

  start(): void {
    const { adapter, speed } = this.options;
    const pacer = createPacer({ speed, signal: this.abort.signal, backlogFull: () => this.backlogFull() });
    this.subscription = defer(() => from(openAdapter(adapter.kind, adapter.options, { pacer })))
      .pipe(
        switchMap((items$) => items$),
        filter(isSignal),
        tap((item) => {
          this.arrive(item);
        }),
        pipeline({
          bed: this.name,
          detector: this.options.detector,
          montage: this.options.montage,
          profiles: this.options.profiles,
          mainsHz: this.options.mainsHz,
          presence: this.options.presence,
          confirmSteps: this.options.confirmSteps,
          digest: (text) => createHash('sha256').update(text).digest('hex'),
          onPending: (n) => {
            this.nPending = n;
            this.room.next();
          },
          onLeftOut: (_, reason) => {
            this.nStepsLeftOut++;
            this.leftOutReason = reason;
          },
        }),
      )
      .subscribe({
        next: (item) => {
          if (item.type === 'info') this.derivations = item.channels.map((c) => c.label);
          if (item.type === 'info') this.enter('streaming', leftOutText(item));
          this.output.next(item);
        },
        error: (error: unknown) => {
          if (this.abort.signal.aborted) this.enter('ended', STOPPED);
          else this.enter('failed', errorText(error));
          this.output.complete();
        },
        complete: () => {
          this.enter('ended', 'the source has ended');
          this.output.complete();
        },
      });
  }

  stop(): Promise<void> {
    this.abort.abort();
    this.subscription?.unsubscribe();
    this.room.next();
    if (this.phase.state === 'starting' || this.phase.state === 'streaming') this.enter('ended', STOPPED);
    this.output.complete();
    this.state.complete();
    return Promise.resolve();
  }

  arrivalMs(streamSeconds: number): number {
    return this.arrivals.arrivalMs(streamSeconds);
  }

  info(): BedInfo {
    const { sourceInfo, options, arrivals } = this;
    const start = sourceInfo?.startTimeMicros ?? 0;
    const { nStepsLeftOut, leftOutReason } = this;
    const lost = nStepsLeftOut > 0 ? `; ${nStepsLeftOut} detection steps left out: ${leftOutReason}` : '';
    return {
      bed: this.name,
      source: sourceInfo?.source ?? '',
      synthetic: sourceInfo?.synthetic ?? false,
      state: this.phase.state,
      stateText: this.phase.text + lost,
      derivations: this.derivations,
      sampleRate: sourceInfo?.sampleRate ?? 0,
      profiles: options.profiles.map((name) => {
        const { rowHz, hopSeconds } = bandProfile(name);
        return { name, rowHz, hopSeconds };
      }),
      startTimeMicros: start,
      newestTimeMicros: arrivals.newestSeconds > 0 ? start + Math.round(arrivals.newestSeconds * 1e6) : 0,
      newestAgeMs: arrivals.newestSeconds > 0 ? Math.round(performance.now() - arrivals.newestMs) : -1,
      speed: options.speed === 'max' ? 0 : options.speed,
    };
  }

  private arrive(item: StreamItem): void {
    if (item.type === 'info') this.sourceInfo = item;
    if (item.type === 'block' && this.sourceInfo) {
      this.arrivals.arrive((item.firstSample + blockLength(item)) / this.sourceInfo.sampleRate);
    }
  }

  private backlogFull(): Promise<void> | undefined {
    if (this.nPending < PENDING_STEPS || this.abort.signal.aborted) return undefined;
    return new Promise((resolve) => {
      const waiting = this.room.subscribe(() => {
        waiting.unsubscribe();
        resolve();
      });
    });
  }

  private enter(state: BedInfo['state'], text: string): void {
    this.phase = { state, text };
    this.state.next(this.info());
  }
}

function leftOutText(info: StreamInfo): string {
  if (info.leftOut.length === 0) return '';
  return `left out: ${info.leftOut.map((c) => `${c.sourceLabel} (${c.reason})`).join(', ')}`;
}
