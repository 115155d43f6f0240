import { ChirpdError } from '../../pipelines/core/errors.js';
import type { GapReason } from '../../pipelines/core/signal.js';
import type { PushedBlock, PushedStream, Pusher, PushListener } from './pusher.js';

/** A queued block, with what the samples between it and the one before are. */
export interface QueuedBlock extends PushedBlock {
  readonly gapReason: GapReason;
}

/** Bytes of samples that wait for the pipeline, by default: 16 s of 64 channels at 1 kHz. */
const QUEUE_BYTES = 4 * 1024 * 1024;
/** A jump past this is a wrong number, not a gap. */
const LONGEST_GAP_SECONDS = 86_400;

/**
 * Where the pushers of one bed and the bed's stream meet. It outlives both: a pusher that comes back, on a new connection or
 * to a bed that was opened anew, goes on where its samples were taken last.
 */
export class PushSlot {
  readonly bed: string;
  /** Bytes of waiting samples from which on a pusher is held back. */
  readonly queueBytes: number;
  #listener: PushListener | undefined;
  #pusher: Pusher | undefined;
  /** Connected while nobody listens. */
  #waiting: Pusher | undefined;
  #known: { readonly stream: PushedStream; next: number; taken: number; acknowledged: number } | undefined;
  #queue: QueuedBlock[] = [];
  #nQueuedBytes = 0;
  #isAfterBreak = false;
  #isHeldBack = false;
  #hasEnded = false;

  constructor(bed: string, queueBytes = QUEUE_BYTES) {
    this.bed = bed;
    this.queueBytes = queueBytes;
  }

  get isListening(): boolean {
    return this.#listener !== undefined;
  }

  get nQueuedBytes(): number {
    return this.#nQueuedBytes;
  }

  /** The pusher has said that its stream is over, and all of it was taken. */
  get hasEnded(): boolean {
    return this.#hasEnded && this.#queue.length === 0;
  }

  /** The oldest block that waits. */
  get front(): QueuedBlock | undefined {
    return this.#queue[0];
  }

  /**
   * A pusher has connected. It is told `ready` as soon as the bed listens.
   * @throws ChirpdError PUSH_BED_TAKEN, PUSH_MISMATCH
   */
  attach(pusher: Pusher): void {
    const present = this.#pusher ?? this.#waiting;
    if (present !== undefined && present.stream.id !== pusher.stream.id) {
      throw new ChirpdError(
        'PUSH_BED_TAKEN',
        `bed "${this.bed}" has a pusher (${present.stream.source}): disconnect that one first, or resume its stream`,
      );
    }
    this.#checkSame(pusher.stream);
    const refusal = this.#listener?.refusal(pusher.stream);
    if (refusal !== undefined) throw refusal;
    // Of one stream the newest connection counts: the one before is likely dead, and nobody has noticed yet.
    if (present !== undefined) {
      this.detach(present);
      present.dismiss(new ChirpdError('PUSH_REPLACED', 'the same stream has connected again, and goes on there'));
    }
    this.#admit(pusher);
  }

  /**
   * Takes a block into the queue. False: it was taken, but there is no room for more before `roomAgain`.
   * @throws ChirpdError PUSH_ORDER
   */
  push(pusher: Pusher, block: PushedBlock): boolean {
    const known = this.#known;
    if (pusher !== this.#pusher || known === undefined) return true;
    const nSamples = block.samples[0]?.length ?? 0;
    const longestGap = LONGEST_GAP_SECONDS * known.stream.sampleRate;
    if (block.firstSample < known.next || block.firstSample - known.next > longestGap) {
      throw new ChirpdError(
        'PUSH_ORDER',
        `a block begins with sample ${block.firstSample}, but ${known.next} is next: samples go once, in order, and a gap lasts 24 h at most`,
      );
    }
    this.#queue.push({ ...block, gapReason: this.#isAfterBreak ? 'disconnected' : 'lost-packets' });
    this.#isAfterBreak = false;
    this.#nQueuedBytes += sizeBytes(block);
    known.next = block.firstSample + nSamples;
    this.#isHeldBack = this.#nQueuedBytes >= this.queueBytes;
    this.#listener?.wake();
    return !this.#isHeldBack;
  }

  /** The pusher says that its stream is over. */
  end(pusher: Pusher): void {
    if (pusher !== this.#pusher) return;
    this.#hasEnded = true;
    this.#listener?.wake();
  }

  /** The pusher's connection has ended. */
  detach(pusher: Pusher): void {
    if (pusher === this.#waiting) this.#waiting = undefined;
    if (pusher !== this.#pusher) return;
    this.#pusher = undefined;
    this.#isHeldBack = false;
    if (!this.#hasEnded) this.#listener?.left();
  }

  /**
   * The bed's stream takes samples from now on. Returns how to stop that.
   * @throws ChirpdError PUSH_TAKEN
   */
  listen(listener: PushListener): () => void {
    if (this.#listener !== undefined) {
      throw new ChirpdError(
        'PUSH_TAKEN',
        `the pushes of bed "${this.bed}" are being read already, and go to one reader`,
      );
    }
    this.#listener = listener;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const refusal = waiting === undefined ? undefined : listener.refusal(waiting.stream);
    if (refusal !== undefined) waiting?.dismiss(refusal);
    else if (waiting !== undefined) this.#admit(waiting);
    return () => {
      if (this.#listener !== listener) return;
      this.#listener = undefined;
      this.dismiss(new ChirpdError('PUSH_NOT_READY', `bed "${this.bed}" takes no samples at the moment: try again`));
      this.#dropQueue();
    };
  }

  /** An earlier process has taken all samples of the stream before `nextSample`. Of no effect once a pusher was there. */
  restore(stream: PushedStream, nextSample: number): void {
    this.#known ??= { stream, next: nextSample, taken: nextSample, acknowledged: nextSample };
  }

  /** The samples of a stream before `nextSample` are taken for good: its pusher may forget them. */
  acknowledge(streamId: string, nextSample: number): void {
    const known = this.#known;
    if (known?.stream.id !== streamId || nextSample <= known.acknowledged) return;
    known.acknowledged = nextSample;
    this.#pusher?.taken(nextSample);
  }

  /** All samples of the stream before `nextSample` are in the pipeline. */
  took(nextSample: number): void {
    const known = this.#known;
    if (known === undefined) return;
    known.taken = nextSample;
    for (let block = this.front; block !== undefined && endOf(block) <= nextSample; block = this.front) {
      this.#queue.shift();
      this.#nQueuedBytes -= sizeBytes(block);
    }
    if (!this.#isHeldBack || this.#nQueuedBytes > this.queueBytes / 2) return;
    this.#isHeldBack = false;
    this.#pusher?.roomAgain();
  }

  /** Sends the pusher away, if there is one. */
  dismiss(error: ChirpdError): void {
    const pusher = this.#pusher;
    this.#pusher = undefined;
    this.#isHeldBack = false;
    pusher?.dismiss(error);
  }

  /** Sends away whoever pushes to this bed, or waits for it: it takes nothing any more. */
  close(error: ChirpdError): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.dismiss(error);
    this.dismiss(error);
  }

  #admit(pusher: Pusher): void {
    const { stream, oldestSample } = pusher;
    if (this.#listener === undefined) {
      this.#waiting = pusher;
      return;
    }
    const before = this.#known;
    if (before !== undefined && before.stream.id !== stream.id && this.#isRunning) {
      this.#waiting = pusher;
      this.#isRunning = false;
      this.#listener.superseded(stream.source);
      return;
    }
    const known =
      before?.stream.id === stream.id
        ? before
        : { stream, next: oldestSample, taken: oldestSample, acknowledged: oldestSample };
    this.#known = known;
    this.#pusher = pusher;
    this.#isRunning = true;
    this.#isAfterBreak = true;
    this.#hasEnded = false;
    this.#listener.begin(known.stream, known.next, known === before);
    pusher.ready(known.next, known.acknowledged);
  }

  /** Whether the listener has begun a stream. */
  #isRunning = false;

  #checkSame({ id, channels, sampleRate }: PushedStream): void {
    const before = this.#known?.stream;
    if (before?.id !== id) return;
    const isSame = before.sampleRate === sampleRate && JSON.stringify(before.channels) === JSON.stringify(channels);
    if (isSame) return;
    throw new ChirpdError(
      'PUSH_MISMATCH',
      'the stream had other channels or another rate before: begin one of another id',
    );
  }

  /** What was received and not taken is asked for again. */
  #dropQueue(): void {
    this.#queue = [];
    this.#nQueuedBytes = 0;
    this.#isRunning = false;
    this.#hasEnded = false;
    if (this.#known !== undefined) this.#known.next = this.#known.taken;
  }
}

function endOf({ firstSample, samples }: PushedBlock): number {
  return firstSample + (samples[0]?.length ?? 0);
}

function sizeBytes({ samples }: PushedBlock): number {
  return samples.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
