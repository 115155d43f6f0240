import type { Subscriber } from 'rxjs';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { canonicalLabel } from '../../pipelines/core/labels.js';
import type { AdapterItem, StreamInfo } from '../../pipelines/core/signal.js';
import type { OpenContext, Pacer } from '../adapter.js';
import { nextPiece } from '../piece.js';
import { SilenceWatch } from '../silence-watch.js';
import type { PushOptions } from './options.js';
import { pushPosition } from './position.js';
import type { PushSlot, QueuedBlock } from './push-slot.js';
import type { PushedStream, PushListener } from './pusher.js';

export interface PushReaderOptions {
  readonly options: PushOptions;
  readonly pacer: Pacer;
  readonly slot: PushSlot;
  readonly tell: (waitingFor: string) => void;
  readonly kept?: OpenContext['kept'];
  readonly subscriber: Subscriber<AdapterItem>;
}

/** One subscription: takes what is pushed at the pace of the pipeline, and keeps watch over the pusher. */
export class PushReader implements PushListener {
  readonly #options: PushOptions;
  readonly #pacer: Pacer;
  readonly #slot: PushSlot;
  readonly #tell: (waitingFor: string) => void;
  readonly #kept: OpenContext['kept'];
  readonly #subscriber: Subscriber<AdapterItem>;
  readonly #silence: SilenceWatch;
  #stopListening: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stream: PushedStream | undefined;
  /** Sample of the pusher's count that is sample 0 here. */
  #base = 0;
  /** Next sample, in the pusher's count. */
  #next = 0;
  #isDraining = false;
  #isClosed = false;
  #clockSample = -1;

  constructor({ options, pacer, slot, tell, kept, subscriber }: PushReaderOptions) {
    this.#options = options;
    this.#pacer = pacer;
    this.#slot = slot;
    this.#tell = tell;
    this.#kept = kept;
    this.#subscriber = subscriber;
    this.#silence = new SilenceWatch({
      limitMs: options.silenceSeconds * 1000,
      isHeldBack: () => slot.front !== undefined,
      onSilent: () => {
        const text = `the pusher is connected and has sent no sample for ${options.silenceSeconds} s`;
        const error = new ChirpdError('PUSH_SILENT', text);
        slot.dismiss(error);
        this.#fail(error);
      },
    });
  }

  open(): void {
    if (this.#isClosed) return;
    const { waitSeconds } = this.#options;
    this.#tell('waits for its pusher: a program that sends samples to /v1/ingest');
    if (waitSeconds !== undefined) {
      this.#failAfter(waitSeconds, 'PUSH_ABSENT', `no pusher came to bed "${this.#slot.bed}" within ${waitSeconds} s`);
    }
    try {
      this.#stopListening = this.#slot.listen(this);
      // A pusher that was waiting begins at once, and whoever subscribed may have left with the first item.
      if (this.#isClosed) this.#stopListening();
    } catch (error) {
      this.#fail(error);
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#silence.stop();
    this.#stopListening?.();
  }

  refusal({ channels, sampleRate }: PushedStream): ChirpdError | undefined {
    const wanted = this.#options;
    const labels = channels.map(({ label }) => canonicalLabel(label));
    const wantedLabels = wanted.channels?.map(canonicalLabel);
    if (wanted.sampleRate !== undefined && wanted.sampleRate !== sampleRate) {
      return this.#mismatch(`${wanted.sampleRate} Hz`, `${sampleRate} Hz`);
    }
    if (wantedLabels !== undefined && wantedLabels.join('\n') !== labels.join('\n')) {
      return this.#mismatch(`channels ${wantedLabels.join(', ')}`, labels.join(', '));
    }
    return undefined;
  }

  begin(stream: PushedStream, nextSample: number, isKnown: boolean): void {
    clearTimeout(this.#timer);
    this.#tell('');
    this.#silence.start();
    if (this.#stream !== undefined) return;
    this.#stream = stream;
    this.#base = nextSample;
    this.#next = nextSample;
    this.#subscriber.next({ ...streamInfo(stream, nextSample), ...(isKnown && { continuesLast: true }) });
    this.#subscriber.next(pushPosition(stream, nextSample, 0));
  }

  wake(): void {
    this.#silence.heard();
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#drain().catch((error: unknown) => {
      this.#fail(error);
    });
  }

  left(): void {
    const { resumeSeconds } = this.#options;
    this.#silence.stop();
    this.#tell(`its pusher has gone, and may come back within ${resumeSeconds} s`);
    this.#failAfter(
      resumeSeconds,
      'PUSH_GONE',
      `the pusher's connection broke, and was not there again within ${resumeSeconds} s`,
    );
  }

  superseded(source: string): void {
    this.#fail(new ChirpdError('PUSH_SUPERSEDED', `another stream takes the place of this one: ${source}`));
  }

  async #drain(): Promise<void> {
    for (let block = this.#slot.front; block !== undefined; block = this.#slot.front) {
      await this.#emitPiece(block);
      if (this.#isClosed) return;
    }
    if (this.#slot.hasEnded) await this.#kept?.();
    this.#isDraining = false;
    if (!this.#slot.hasEnded || this.#isClosed) return;
    this.#fail(new ChirpdError('PUSH_ENDED', 'the pusher has ended its stream; the next one may come'));
  }

  /** The gap before the block, or its next piece that is not longer than a live view may lag. */
  async #emitPiece(block: QueuedBlock): Promise<void> {
    const { firstSample, samples, gapReason } = block;
    const sampleRate = this.#stream?.sampleRate ?? 1;
    const nMissing = firstSample - this.#next;
    const piece = nMissing > 0 ? undefined : nextPiece(samples, this.#next - firstSample, sampleRate);
    const nSamples = piece?.[0]?.length ?? nMissing;
    const end = this.#next + nSamples;
    await this.#pacer.due((end - this.#base) / sampleRate);
    if (this.#isClosed) return;
    const first = this.#next - this.#base;
    this.#next = end;
    // First, since whoever takes the piece may leave with it: it counts as taken, and is not asked for again.
    this.#slot.took(end);
    if (piece === undefined) this.#subscriber.next({ type: 'gap', firstSample: first, nSamples, reason: gapReason });
    else this.#subscriber.next({ type: 'block', firstSample: first, samples: piece });
    this.#acknowledge(end);
    const isLast = piece !== undefined && end === firstSample + (samples[0]?.length ?? 0);
    if (isLast && !this.#isClosed) this.#readClock(block, end - 1 - this.#base);
  }

  /** What was emitted may be forgotten by its pusher when it is kept. */
  #acknowledge(end: number): void {
    const { id = '' } = this.#stream ?? {};
    if (this.#kept === undefined) this.#slot.acknowledge(id, end);
    else
      void this.#kept().then(() => {
        this.#slot.acknowledge(id, end);
      });
  }

  #readClock({ timeMicros, arrivedMicros }: QueuedBlock, sample: number): void {
    const isShared = this.#stream?.clock === 'shared';
    const hostMicros = isShared ? (timeMicros ?? arrivedMicros) : arrivedMicros;
    if (hostMicros === undefined || sample <= this.#clockSample) return;
    this.#clockSample = sample;
    const device = timeMicros === undefined || isShared ? {} : { deviceMicros: timeMicros };
    this.#subscriber.next({ type: 'clock', sample, hostMicros, ...device });
  }

  #failAfter(seconds: number, code: 'PUSH_ABSENT' | 'PUSH_GONE', text: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#fail(new ChirpdError(code, text));
    }, seconds * 1000);
  }

  #mismatch(wanted: string, found: string): ChirpdError {
    const text = `bed "${this.#slot.bed}" is set to ${wanted}, and the pusher sends ${found}: change one of them`;
    return new ChirpdError('PUSH_MISMATCH', text);
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    this.#subscriber.error(error);
  }
}

function streamInfo(stream: PushedStream, base: number): StreamInfo {
  const { channels, sampleRate, startTimeMicros, source, device } = stream;
  return {
    type: 'info',
    channels: channels.map(({ label, rangeMicrovolts }) => ({
      label: canonicalLabel(label),
      sourceLabel: label,
      ...(rangeMicrovolts === undefined ? {} : { rangeMicrovolts }),
    })),
    leftOut: [],
    sampleRate,
    startTimeMicros: startTimeMicros + Math.round((base / sampleRate) * 1e6),
    source,
    ...(device === undefined ? {} : { device }),
  };
}
