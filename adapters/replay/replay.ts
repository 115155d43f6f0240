import { Observable, type Subscriber } from 'rxjs';
import type { StreamItem } from '../../pipelines/core/signal.js';
import type { OpenContext, Pacer } from '../adapter.js';
import { PendingAnnotations } from './pending-annotations.js';
import type { Recording, SampleRun } from './recording.js';

/** Length of a block, whatever the file's records: short enough for a live view to move smoothly. */
export const BLOCK_SECONDS = 0.25;

/** Samples of a block at a rate in Hz. */
export function blockSamplesAt(sampleRate: number): number {
  return Math.max(1, Math.floor(sampleRate * BLOCK_SECONDS));
}

/**
 * The stream of a recording: blocks of 0.25 s when they are due, gaps, and annotations in the order of time.
 * @param open opens the recording anew for each subscription; whatever it throws is the stream's error. The signal tells
 * that the subscriber has gone.
 */
export function replay(
  open: (signal: AbortSignal) => Promise<Recording>,
  { pacer, fromSeconds = 0 }: Pick<OpenContext, 'pacer' | 'fromSeconds'>,
): Observable<StreamItem> {
  return new Observable((subscriber) => {
    const replaying = new Replay(open, pacer, fromSeconds, subscriber);
    void replaying.run();
    return () => {
      replaying.stop();
    };
  });
}

/** One subscription's way through a recording. */
class Replay {
  readonly #open: (signal: AbortSignal) => Promise<Recording>;
  readonly #pacer: Pacer;
  readonly #fromSeconds: number;
  readonly #subscriber: Subscriber<StreamItem>;
  readonly #pending = new PendingAnnotations();
  readonly #gone = new AbortController();
  #endWait: () => void = () => undefined;

  constructor(
    open: (signal: AbortSignal) => Promise<Recording>,
    pacer: Pacer,
    fromSeconds: number,
    subscriber: Subscriber<StreamItem>,
  ) {
    this.#open = open;
    this.#pacer = pacer;
    this.#fromSeconds = fromSeconds;
    this.#subscriber = subscriber;
  }

  /** The subscriber has gone: whatever waits for the pacer goes on, sees it and closes the file. */
  stop(): void {
    this.#gone.abort();
    this.#endWait();
  }

  async run(): Promise<void> {
    try {
      const recording = await this.#open(this.#gone.signal);
      try {
        if (!this.#subscriber.closed) await this.#stream(recording);
      } finally {
        await recording.close();
      }
      this.#subscriber.complete();
    } catch (error) {
      this.#subscriber.error(error);
    }
  }

  async #stream(recording: Recording): Promise<void> {
    const { sampleRate } = recording.info;
    // What rounding adds to a whole sample makes no further one.
    const first = Math.ceil(this.#fromSeconds * sampleRate - 1e-6);
    this.#subscriber.next(recording.info);
    for await (const segment of recording.segments()) {
      if (this.#subscriber.closed) return;
      if (segment.type === 'annotation') {
        if (segment.onsetSeconds >= this.#fromSeconds || this.#fromSeconds === 0) this.#pending.add(segment);
        continue;
      }
      const nBefore = Math.max(0, first - segment.firstSample);
      if (nBefore >= segment.nSamples) continue;
      if (segment.type === 'run') await this.#emitRun(segment, nBefore, sampleRate);
      else {
        const gap = { ...segment, firstSample: segment.firstSample + nBefore, nSamples: segment.nSamples - nBefore };
        await this.#emit(gap.firstSample, gap.nSamples, sampleRate, () => gap);
      }
    }
    this.#emitAnnotations(Infinity);
    if (!this.#subscriber.closed) recording.checkEnding?.();
  }

  async #emitRun(run: SampleRun, begin: number, sampleRate: number): Promise<void> {
    const blockSamples = blockSamplesAt(sampleRate);
    for (let from = begin; from < run.nSamples && !this.#subscriber.closed; from += blockSamples) {
      const nSamples = Math.min(blockSamples, run.nSamples - from);
      const firstSample = run.firstSample + from;
      await this.#emit(firstSample, nSamples, sampleRate, () => ({
        type: 'block',
        firstSample,
        samples: run.decode(from, nSamples),
      }));
    }
  }

  /** Emits what covers `nSamples` from `first` when its end is due, with the annotations around it in order. */
  async #emit(first: number, nSamples: number, sampleRate: number, make: () => StreamItem): Promise<void> {
    const endSeconds = (first + nSamples) / sampleRate;
    await new Promise<void>((resolve, reject) => {
      this.#endWait = resolve;
      this.#pacer.due(endSeconds).then(resolve, reject);
    });
    if (this.#subscriber.closed) return;
    this.#emitAnnotations(first / sampleRate);
    if (this.#subscriber.closed) return;
    this.#subscriber.next(make());
    this.#emitAnnotations(endSeconds);
  }

  #emitAnnotations(beforeSeconds: number): void {
    for (const annotation of this.#pending.takeBefore(beforeSeconds)) this.#subscriber.next(annotation);
  }
}
