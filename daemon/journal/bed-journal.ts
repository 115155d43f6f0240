import { createHash } from 'node:crypto';
import type { ChirpdError } from '../../pipelines/core/errors.js';
import type { ProfileName } from '../../pipelines/core/profile.js';
import { type AdapterItem, blockLength, type SourcePosition, type StreamInfo } from '../../pipelines/core/signal.js';
import type { Checkpoint } from '../../pipelines/items.js';
import { encodeFrame } from './frame.js';
import { type JournalRecord, packBlock, type SegmentHead } from './journal-record.js';
import { type JournalContent, readJournal } from './read-journal.js';
import { SegmentWriter } from './segment-writer.js';

export interface BedJournalOptions {
  /** Of this bed's segments. */
  readonly folder: string;
  /** Kind and options of the adapter. */
  readonly source: unknown;
  /** Whose checkpoints count. */
  readonly profiles: readonly ProfileName[];
  /** Stream time that is kept, at least. */
  readonly keepSeconds: number;
  /** The journal is not written any more (why), or is again (''). */
  readonly onState?: (problem: string) => void;
  /** Wait before a disk that refused is tried again. Default 5000. */
  readonly retryMs?: number;
}

const SEGMENT_SECONDS = 30;
const RETRY_MS = 5000;

/**
 * The newest samples of one bed on disk, as its source gave them, with what its trackers knew: what a daemon that
 * starts again goes on from. Takes items without making anyone wait; a disk that refuses leaves a hole, and no more.
 */
export class BedJournal {
  readonly #options: BedJournalOptions;
  readonly #source: string;
  readonly #writer: SegmentWriter;
  readonly #checkpoints = new Map<ProfileName, Checkpoint>();
  #info: StreamInfo | undefined;
  #position: SourcePosition | undefined;
  /** Of the segment that is written, its first sample; undefined where the next item begins one. */
  #segmentStart: number | undefined;
  #nextSegment = 1;
  /** In a segment of an earlier process; what is cut off there goes when the first item comes. */
  #goOnAt: JournalContent['end'];
  #nextSample = 0;
  #problem = '';
  #retryAtMs = 0;

  constructor(options: BedJournalOptions) {
    this.#options = options;
    this.#source = createHash('sha256').update(JSON.stringify(options.source)).digest('hex');
    this.#writer = new SegmentWriter({
      folder: options.folder,
      // One more, as the newest is hardly begun.
      nSegments: Math.ceil(options.keepSeconds / SEGMENT_SECONDS) + 1,
      onWritten: () => {
        this.#written();
      },
      onFailure: (error) => {
        this.#failed(error);
      },
    });
  }

  /** Of this bed's segments. */
  get folder(): string {
    return this.#options.folder;
  }

  /** Why nothing is kept now; '' while all is well. */
  get problem(): string {
    return this.#problem;
  }

  /**
   * What an earlier process left of this source's stream, with which this one goes on; undefined where it is another
   * stream that begins. Call it once, before the first item.
   */
  async read(): Promise<JournalContent | undefined> {
    const { folder, profiles } = this.#options;
    const { newestSegment, content } = await readJournal(folder, this.#source, profiles);
    this.#nextSegment = newestSegment + 1;
    if (content === undefined) return undefined;
    const { info, position, checkpoints, nextSample, end } = content;
    this.#info = info;
    this.#position = position;
    for (const checkpoint of checkpoints.values()) this.#checkpoints.set(checkpoint.profile, checkpoint);
    this.#nextSample = nextSample;
    this.#goOnAt = end;
    return content;
  }

  take(item: AdapterItem): void {
    switch (item.type) {
      case 'info':
        this.#info = item;
        this.#position = undefined;
        this.#checkpoints.clear();
        this.#segmentStart = undefined;
        this.#goOnAt = undefined;
        this.#nextSample = 0;
        break;
      case 'block':
        this.#append(packBlock(item, Date.now()));
        this.#nextSample = item.firstSample + blockLength(item);
        this.#roll();
        break;
      case 'gap':
        this.#append(item);
        this.#nextSample = item.firstSample + item.nSamples;
        break;
      case 'position':
        this.#position = item;
        this.#append(item);
        break;
      case 'clock':
      case 'annotation':
        this.#append(item);
        break;
      case 'electrodes':
        break;
    }
  }

  /** What a tracker knows after a step, whose events are all in the timeline. */
  checkpoint(checkpoint: Checkpoint): void {
    this.#checkpoints.set(checkpoint.profile, checkpoint);
    this.#append(checkpoint);
  }

  /** Resolves when all that was taken so far outlives the process, and at once where the disk refuses. */
  kept(): Promise<void> {
    return this.#writer.kept();
  }

  /** As `stop`, of a stream that has ended: nothing goes on from it. */
  async end(): Promise<void> {
    this.#append({ type: 'end' });
    await this.stop();
  }

  /** Writes what waits. */
  stop(): Promise<void> {
    return this.#writer.stop();
  }

  #append(record: JournalRecord): void {
    if (this.#goOnAt !== undefined) {
      const { segment, nBytes, firstSample } = this.#goOnAt;
      this.#goOnAt = undefined;
      this.#writer.begin(segment, new Uint8Array(), nBytes);
      this.#segmentStart = firstSample;
    }
    if (this.#segmentStart === undefined && !this.#begin()) return;
    this.#writer.append(encodeFrame(record));
  }

  #roll(): void {
    const { sampleRate = 1 } = this.#info ?? {};
    if (this.#segmentStart === undefined) return;
    if (this.#nextSample - this.#segmentStart >= SEGMENT_SECONDS * sampleRate) this.#segmentStart = undefined;
  }

  /** False while the disk is given time, and before a stream has begun. */
  #begin(): boolean {
    if (this.#info === undefined || performance.now() < this.#retryAtMs) return false;
    this.#writer.begin(this.#nextSegment++, encodeFrame(this.#head(this.#nextSample)));
    this.#segmentStart = this.#nextSample;
    return true;
  }

  #head(firstSample: number): SegmentHead {
    return {
      type: 'segment',
      version: 1,
      source: this.#source,
      info: this.#info!,
      firstSample,
      ...(this.#position && { position: this.#position }),
      checkpoints: [...this.#checkpoints.values()],
    };
  }

  #written(): void {
    if (this.#problem === '') return;
    this.#problem = '';
    this.#options.onState?.('');
  }

  #failed(error: ChirpdError): void {
    this.#segmentStart = undefined;
    this.#retryAtMs = performance.now() + (this.#options.retryMs ?? RETRY_MS);
    if (this.#problem !== '') return;
    this.#problem = error.message;
    this.#options.onState?.(error.message);
  }
}
