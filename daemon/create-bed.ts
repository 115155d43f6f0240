import { createHash } from 'node:crypto';
import { defer, of, retry, Subject, Subscription, switchMap, takeUntil, tap, throwError, timer } from 'rxjs';
import type { ClockFigures } from '../adapters/clock-fit.js';
import type { OpenContext, Pacer } from '../adapters/adapter.js';
import { backpressuredPacer, createPacer } from '../adapters/pacer.js';
import { setsItsPace } from '../adapters/registry.js';
import { controlledPacer, SpeedControl } from '../adapters/speed-control.js';
import type { Detector } from '../pipelines/core/detection.js';
import { errorText, isChirpdError } from '../pipelines/core/errors.js';
import { bandProfile, type ProfileName } from '../pipelines/core/profile.js';
import type { QualityFrame } from '../pipelines/core/quality.js';
import type { StreamInfo, StreamItem } from '../pipelines/core/signal.js';
import type { PipelineOutput } from '../pipelines/items.js';
import type { LeaveOut } from '../pipelines/leave-out.js';
import type { MontageSpec } from '../pipelines/montage.js';
import { pipeline } from '../pipelines/pipeline.js';
import { type Bed, STOPPED } from './bed.js';
import { BedSource } from './bed-source.js';
import type { BedJournal } from './journal/bed-journal.js';
import { JournalReplay } from './journal/journal-replay.js';
import type { JournalContent } from './journal/read-journal.js';
import type { BedRecorder } from './recording/bed-recorder.js';
import type { BedShare } from './overload/bed-share.js';
import type { BedInfo } from './protocol/messages.js';
import type { DeriveOptions } from './waveforms/derive.js';

export interface CreateBedOptions {
  readonly name: string;
  readonly adapter: { readonly kind: string; readonly options: unknown };
  /** What the adapter needs of the daemon, beyond its options. */
  readonly context?: Pick<OpenContext, 'pushSlot' | 'stdin' | 'fromSeconds'>;
  /** Times real time; 'max': as fast as the pipeline takes it; or what may change. */
  readonly speed: number | 'max' | SpeedControl;
  readonly montage: MontageSpec;
  readonly profiles: readonly ProfileName[];
  readonly mainsHz?: 50 | 60 | undefined;
  readonly presence?: number | undefined;
  readonly confirmSteps?: number | undefined;
  readonly detector: Detector;
  /** Detection steps under way at which a file or generator is held back. Default 6. */
  readonly pendingSteps?: number | undefined;
  /** Records the source; one that has no room holds a file or generator back. */
  readonly recorder?: Pick<BedRecorder, 'take' | 'room'> | undefined;
  /** Keeps the newest samples on disk, and what the trackers know. */
  readonly journal?: Pick<BedJournal, 'take' | 'kept'> | undefined;
  /** What an earlier process left of this bed's stream. */
  readonly before?: JournalContent | undefined;
  /** Of a live bed: what is left out of it where the daemon does not keep up. */
  readonly share?: BedShare | undefined;
}

/** Detection steps under way at which a file or generator is held back: enough to keep the model busy. */
const PENDING_STEPS = 6;
/** How long a stream that is ended may take: the model answers within this, or not soon. */
const END_MS = 3000;

export function createBed(options: CreateBedOptions): Bed {
  return new PipelineBed(options);
}

class PipelineBed implements Bed {
  readonly name: string;
  private readonly options: CreateBedOptions;
  private readonly source: BedSource;
  private readonly before: JournalReplay | undefined;
  readonly deriving: DeriveOptions;
  private readonly output = new Subject<PipelineOutput>();
  private readonly sourceItems = new Subject<StreamItem>();
  private readonly state = new Subject<BedInfo>();
  readonly output$ = this.output.asObservable();
  readonly source$ = this.sourceItems.asObservable();
  readonly state$ = this.state.asObservable();
  private readonly abort = new AbortController();
  private readonly room = new Subject<void>();
  private readonly ending = new Subject<void>();
  private endText = 'the source has ended';
  private readonly subscription = new Subscription();
  private derivations: readonly string[] = [];
  private nPending = 0;
  private nStepsLeftOut = 0;
  private leftOutReason = '';
  private leftOutText = '';
  private phase: { readonly state: BedInfo['state']; readonly text: string } = { state: 'starting', text: 'opening' };

  constructor(options: CreateBedOptions) {
    this.options = options;
    this.name = options.name;
    this.deriving = { montage: options.montage, mainsHz: options.mainsHz };
    const { adapter, recorder, journal, before, share } = options;
    share?.attach({
      isStreaming: () => this.phase.state === 'streaming',
      wake: () => {
        this.room.next();
      },
    });
    this.before = before && new JournalReplay(before, () => this.backlogFull());
    this.source = new BedSource({
      adapter,
      recorder,
      journal,
      before: this.before,
      context: {
        ...options.context,
        pacer: this.pacer(),
        tell: (waitingFor) => {
          this.enter(this.phase.state, waitingFor || this.leftOutText);
        },
      },
      onLost: (error) => {
        this.enter('reconnecting', errorText(error));
      },
      onConnected: () => {
        this.streaming();
      },
    });
  }

  start(delayMs = 0): void {
    if (this.before !== undefined) this.enter('starting', 'going on where it was before the restart');
    let { before } = this;
    this.subscription.add(this.source.quality$.subscribe((frame) => this.output.next(frame)));
    let waitMs = before === undefined ? delayMs : 0;
    this.subscription.add(
      defer(() => (waitMs > 0 ? timer(waitMs) : of(0)))
        .pipe(
          switchMap(() => this.source.items()),
          takeUntil(this.ending),
          tap((item) => {
            this.sourceItems.next(item);
          }),
          pipeline({
            bed: this.name,
            detector: this.detector(),
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
              this.leftOut(reason);
            },
            leaveOut: this.leaveOut(),
            checkpoints: this.options.journal !== undefined,
            resume: (profile) => before?.resume(profile),
          }),
          // Other channels or another rate are another stream: all that follows begins anew.
          retry({
            delay: (error: unknown) => {
              before = undefined;
              waitMs = 0;
              return isChirpdError(error, 'ADAPTER_CHANGED') ? of(0) : throwError(() => error);
            },
          }),
        )
        .subscribe({
          next: (item) => {
            if (item.type === 'info') {
              this.derivations = item.channels.map((c) => c.label);
              this.streaming(item);
            }
            this.output.next(item);
          },
          error: (error: unknown) => {
            if (this.abort.signal.aborted) this.enter('ended', STOPPED);
            else this.enter('failed', errorText(error));
            this.output.complete();
          },
          complete: () => {
            this.enter('ended', this.endText);
            this.output.complete();
          },
        }),
    );
  }

  stop(): Promise<void> {
    this.abort.abort();
    this.subscription.unsubscribe();
    this.room.next();
    if (!this.hasEnded()) this.enter('ended', STOPPED);
    this.output.complete();
    this.state.complete();
    return Promise.resolve();
  }

  async end(text: string): Promise<void> {
    if (this.hasEnded()) return;
    this.endText = text;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, END_MS)));
    const done = new Promise<void>((resolve) => {
      this.output.subscribe({ complete: resolve });
    });
    this.ending.next();
    this.room.next();
    await Promise.race([done, late]);
    clearTimeout(timer);
    if (this.hasEnded()) return;
    this.abort.abort();
    this.subscription.unsubscribe();
    this.enter('ended', text);
    this.output.complete();
  }

  private hasEnded(): boolean {
    return this.phase.state === 'ended' || this.phase.state === 'failed';
  }

  get isResuming(): boolean {
    return this.source.isResuming;
  }

  arrivalMs(streamSeconds: number): number {
    return this.source.arrivals.arrivalMs(streamSeconds);
  }

  info(): BedInfo {
    const { options, source } = this;
    const { info, arrivals, clock, newestQuality } = source;
    const start = info?.startTimeMicros ?? 0;
    const { nStepsLeftOut, leftOutReason } = this;
    const lost = nStepsLeftOut > 0 ? `; ${nStepsLeftOut} detection steps left out: ${leftOutReason}` : '';
    return {
      bed: this.name,
      source: info?.source ?? '',
      // Told before the first sample too: made-up EEG never looks like a patient's.
      synthetic: info?.synthetic ?? options.adapter.kind === 'synthetic',
      state: this.phase.state,
      stateText: this.phase.text + lost,
      derivations: this.derivations,
      sampleRate: info?.sampleRate ?? 0,
      profiles: options.profiles.map((name) => {
        const { rowHz, hopSeconds } = bandProfile(name);
        return { name, rowHz, hopSeconds };
      }),
      startTimeMicros: start,
      newestTimeMicros: arrivals.newestSeconds > 0 ? start + Math.round(arrivals.newestSeconds * 1e6) : 0,
      newestAgeMs: arrivals.newestSeconds > 0 ? Math.round(performance.now() - arrivals.newestMs) : -1,
      speed: typeof options.speed === 'number' ? options.speed : 0,
      ...(clock && { clock: roundedClock(clock) }),
      ...(newestQuality && { channelFaults: channelFaults(newestQuality) }),
      ...(nStepsLeftOut > 0 && { stepsLeftOut: { n: nStepsLeftOut, reason: leftOutReason } }),
      ...(options.share?.shed && { shed: options.share.shed }),
    };
  }

  private pacer(): Pacer {
    const { speed, adapter, share } = this.options;
    const { signal } = this.abort;
    const full = (): Promise<void> | undefined => this.backlogFull();
    if (speed instanceof SpeedControl) return backpressuredPacer(controlledPacer(speed, signal), full);
    if (setsItsPace(adapter.kind)) return backpressuredPacer(createPacer({ speed: 'max', signal }), full);
    const pacer = createPacer({ speed, signal });
    return backpressuredPacer(share?.pacer(pacer) ?? pacer, full);
  }

  private detector(): Detector {
    const { detector, share } = this.options;
    return share?.detector(detector) ?? detector;
  }

  private leaveOut(): LeaveOut | undefined {
    const { share } = this.options;
    if (share === undefined) return undefined;
    return {
      trends: () => share.trends(),
      onTrends: () => {
        share.onTrends();
      },
      step: (profile, column) => {
        if (share.step(profile, column)) return true;
        if (!share.goesOn || this.nPending < this.maxPending) return false;
        this.leftOut('the model is too slow, or does not run');
        return true;
      },
    };
  }

  private leftOut(reason: string): void {
    this.nStepsLeftOut++;
    this.leftOutReason = reason;
  }

  private get maxPending(): number {
    return this.options.pendingSteps ?? PENDING_STEPS;
  }

  /** @param derived what the montage made of the source, where that has just begun */
  private streaming(derived?: StreamInfo): void {
    if (derived !== undefined) this.leftOutText = leftOutText(derived);
    // What was there before a restart does not mean that anything comes now.
    if (this.derivations.length > 0 && !this.source.isResuming) this.enter('streaming', this.leftOutText);
  }

  private backlogFull(): Promise<void> | undefined {
    if (this.abort.signal.aborted) return undefined;
    // A live bed that cannot wait loses detection steps, never samples.
    if (this.nPending < this.maxPending || this.options.share?.goesOn === true) return this.options.recorder?.room();
    return new Promise((resolve) => {
      const waiting = this.room.subscribe(() => {
        waiting.unsubscribe();
        resolve();
      });
    });
  }

  private enter(state: BedInfo['state'], text: string): void {
    if (this.phase.state === state && this.phase.text === text) return;
    this.phase = { state, text };
    this.state.next(this.info());
  }
}

function leftOutText(info: StreamInfo): string {
  if (info.leftOut.length === 0) return '';
  return `left out: ${info.leftOut.map((c) => `${c.sourceLabel} (${c.reason})`).join(', ')}`;
}

function roundedClock({ driftPpm, jitterMs, offsetMs }: ClockFigures): ClockFigures {
  const tenths = (value: number): number => Math.round(value * 10) / 10;
  return { driftPpm: tenths(driftPpm), jitterMs: tenths(jitterMs), offsetMs: tenths(offsetMs) };
}

function channelFaults({ channels }: QualityFrame): NonNullable<BedInfo['channelFaults']> {
  return channels.flatMap(({ label, state }) => (state === 'good' ? [] : [{ label, state }]));
}
