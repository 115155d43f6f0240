import { Observable, type Subscriber, type Subscription } from 'rxjs';
import { type AdapterItem, blockLength, isSignal, type StreamItem } from '../../pipelines/core/signal.js';
import type { Adapter, OpenContext } from '../adapter.js';
import type { SessionFile, SessionOptions } from './options.js';
import { type OpenAdapter, placeAfter, planSession, type SessionPiece, type SessionPlan } from './plan.js';

/** Replays files that follow each other as one stream. Errors: `RECORDING_SESSION_...`, see adapters/README.md. */
export function sessionAdapter(open: OpenAdapter): Adapter<SessionOptions, StreamItem> {
  return {
    kind: 'session',
    open: ({ files }, context) =>
      new Observable((subscriber) => {
        const session = new Session(files, open, context, subscriber);
        void session.run();
        return () => {
          session.stop();
        };
      }),
  };
}

/** One subscription's way through the files. */
class Session {
  readonly #files: readonly SessionFile[];
  readonly #open: OpenAdapter;
  readonly #context: OpenContext;
  readonly #subscriber: Subscriber<StreamItem>;
  #reading: Subscription | undefined;
  #endWait: () => void = () => undefined;
  /** What was wrong with the first file that was: told when all others have been read. */
  #failure: { readonly error: unknown } | undefined;
  /** End of the newest sample or gap. */
  #end = 0;

  constructor(
    files: readonly SessionFile[],
    open: OpenAdapter,
    context: OpenContext,
    subscriber: Subscriber<StreamItem>,
  ) {
    this.#files = files;
    this.#open = open;
    this.#context = context;
    this.#subscriber = subscriber;
  }

  stop(): void {
    this.#reading?.unsubscribe();
    this.#endWait();
  }

  async run(): Promise<void> {
    try {
      const plan = await planSession(this.#files, this.#open);
      if (!this.#subscriber.closed) await this.#stream(plan);
      if (this.#failure !== undefined) throw this.#failure.error;
      this.#subscriber.complete();
    } catch (error) {
      this.#subscriber.error(error);
    }
  }

  async #stream({ info, pieces }: SessionPlan): Promise<void> {
    this.#subscriber.next(info);
    const from = Math.ceil((this.#context.fromSeconds ?? 0) * info.sampleRate - 1e-6);
    for (const [i, piece] of pieces.entries()) {
      const next = pieces[i + 1];
      // A file that ends before the beginning is not opened.
      if (next !== undefined && next.firstSample <= from) {
        this.#end = next.firstSample;
        continue;
      }
      const before = pieces[i - 1];
      const firstSample =
        before === undefined ? piece.firstSample : placeAfter(before, this.#end, piece.file, piece.firstSample);
      const gapFrom = Math.max(this.#end, from);
      if (firstSample > gapFrom) await this.#gap(gapFrom, firstSample - gapFrom, info.sampleRate);
      if (this.#subscriber.closed) return;
      this.#end = firstSample;
      await this.#piece(piece, firstSample);
      if (this.#subscriber.closed) return;
    }
  }

  async #gap(firstSample: number, nSamples: number, sampleRate: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#endWait = resolve;
      this.#context.pacer.due((firstSample + nSamples) / sampleRate).then(resolve, reject);
    });
    if (!this.#subscriber.closed)
      this.#subscriber.next({ type: 'gap', firstSample, nSamples, reason: 'recording-gap' });
  }

  /** Passes a file's stream on, its samples counted from the session's first. */
  async #piece({ file: { kind, ...options }, info }: SessionPiece, firstSample: number): Promise<void> {
    const shiftSeconds = firstSample / info.sampleRate;
    const { pacer, fromSeconds = 0 } = this.#context;
    const stream$ = await this.#open(kind, options, {
      pacer: { due: (seconds) => pacer.due(seconds + shiftSeconds) },
      fromSeconds: Math.max(0, fromSeconds - shiftSeconds),
    });
    if (this.#subscriber.closed) return;
    await new Promise<void>((resolve) => {
      this.#endWait = resolve;
      this.#reading = stream$.subscribe({
        next: (item) => {
          this.#pass(item, firstSample, shiftSeconds);
        },
        error: (error: unknown) => {
          this.#failure ??= { error };
          resolve();
        },
        complete: resolve,
      });
    });
  }

  #pass(item: AdapterItem, firstSample: number, shiftSeconds: number): void {
    if (!isSignal(item) || item.type === 'info') return;
    if (item.type === 'annotation') {
      this.#subscriber.next({ ...item, onsetSeconds: item.onsetSeconds + shiftSeconds });
      return;
    }
    const moved = { ...item, firstSample: item.firstSample + firstSample };
    this.#end = moved.firstSample + (moved.type === 'gap' ? moved.nSamples : blockLength(moved));
    this.#subscriber.next(moved);
  }
}
