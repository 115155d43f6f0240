import {
  blockLength,
  type Gap,
  type SampleBlock,
  type StreamInfo,
  type StreamItem,
} from '../../pipelines/core/signal.js';
import { errorText } from '../../pipelines/core/errors.js';
import { annotationList, type Note, plainNotes } from './annotation-list.js';
import { fileHeader } from './file-header.js';
import { ANNOTATION_BYTES, RecordBuilder } from './record-builder.js';
import { type RecordLength, recordLength } from './record-length.js';
import { type LostRecords, type NewFile, RecordingWriter, type WrittenFile } from './recording-writer.js';
import { type ChannelScale, fits, scaleOf } from './scale.js';

export interface BedRecorderOptions {
  /** Of the bed's files. */
  readonly folder: string;
  readonly onWritten?: (file: WrittenFile) => void;
  /** See RecordingWriterOptions. */
  readonly beforeFile?: (() => void) | undefined;
  /** Recording has stopped (why), or goes on (''). */
  readonly onState?: (problem: string) => void;
  /** Wait after a failure, doubled with each further one up to ten times as much. Default 1000. */
  readonly retryMs?: number;
  /** Records that wait for the disk, all together, beyond which those that come are left out. Default 32 MiB. */
  readonly maxWaitingBytes?: number;
  /** Records that wait beyond which a source that can wait is held back. Default 4 MiB. */
  readonly roomBytes?: number;
  /** Monotonic, milliseconds. */
  readonly now?: () => number;
}

/** Files begin at the whole hours of the stream's own clock, in UTC. */
const FILE_MICROS = 3_600_000_000;
/** A gap of up to so many seconds is marked within the file; after a longer one a new file begins. */
const LONGEST_MARKED_GAP_SECONDS = 10;
/** Without a sample for so long a file is closed. */
const IDLE_MS = 15_000;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_FACTOR = 10;
const MAX_WAITING_BYTES = 32 << 20;
const ROOM_BYTES = 4 << 20;
/** Notes that wait for a record, at most. */
const MAX_NOTES = 50_000;

interface Stream {
  readonly info: StreamInfo;
  readonly length: RecordLength;
  /** Of each channel so far, microvolts: what must fit. */
  readonly lowest: Float64Array;
  readonly highest: Float64Array;
}

/** A time in which nothing is recorded. */
interface Outage {
  readonly reason: string;
  nSamples: number;
  /** When to try again; undefined: as soon as the disk has taken all that waits. */
  retryAtMs: number | undefined;
  /** The file with which recording may go on; it does when its first record is on disk. */
  attempt: NewFile | undefined;
}

interface FileUnderWay {
  readonly scales: readonly ChannelScale[];
  readonly builder: RecordBuilder;
  readonly startMicros: number;
  /** The header's whole second. */
  readonly secondMicros: number;
  /** Where the file ends. */
  readonly endMicros: number;
  nRecords: number;
}

/**
 * Records one bed: takes its source's items as they come, never waits, and writes BDF+ files. What cannot be written is
 * left out, counted, and told in the next file; recording goes on by itself when the disk takes it again.
 */
export class BedRecorder {
  readonly #options: BedRecorderOptions;
  readonly #writer: RecordingWriter;
  readonly #now: () => number;
  #notes: Note[] = [];
  #stream: Stream | undefined;
  #file: FileUnderWay | undefined;
  #nextSample = 0;
  #arrivedMs = 0;
  /** While nothing is recorded. */
  #outage: Outage | undefined;
  #retryMs: number;
  #nLeftOut = 0;
  #nNotesLost = 0;
  readonly #wakeSources: (() => void)[] = [];

  constructor(options: BedRecorderOptions) {
    this.#options = options;
    this.#now = options.now ?? ((): number => performance.now());
    this.#retryMs = options.retryMs ?? FIRST_RETRY_MS;
    this.#writer = new RecordingWriter({
      folder: options.folder,
      ...(options.beforeFile && { beforeFile: options.beforeFile }),
      onWritten: (file) => {
        this.#written(file);
      },
      onFailure: (error, lost) => {
        this.#failed(error, lost);
      },
    });
  }

  /** Why nothing is recorded now; '' while all is well. */
  get problem(): string {
    return this.#outage?.reason ?? '';
  }

  /** Samples (of all channels: one) that are in no file because the disk refused or was too slow. */
  get nLeftOut(): number {
    return this.#nLeftOut;
  }

  /** Annotations that are in no file. */
  get nNotesLost(): number {
    return this.#nNotesLost;
  }

  /** The next item of the source, before any montage. */
  take(item: StreamItem): void {
    switch (item.type) {
      case 'info':
        this.finish();
        this.#stream = {
          info: item,
          length: recordLength(item.sampleRate),
          lowest: new Float64Array(item.channels.length),
          highest: new Float64Array(item.channels.length),
        };
        this.#nextSample = 0;
        break;
      case 'block':
        if (this.#stream !== undefined) this.#block(this.#stream, item);
        break;
      case 'gap':
        if (this.#stream !== undefined) this.#gap(this.#stream, item);
        break;
      case 'annotation': {
        if (this.#stream === undefined) break;
        const { onsetSeconds, durationSeconds, text } = item;
        const timeMicros = this.#stream.info.startTimeMicros + Math.round(onsetSeconds * 1e6);
        this.note({ timeMicros, durationMicros: Math.round(durationSeconds * 1e6), text });
        break;
      }
    }
  }

  /** An annotation, told in the record under way. */
  note(note: Note): void {
    if (this.#notes.length >= MAX_NOTES) this.#nNotesLost++;
    else this.#notes.push(...plainNotes(note));
  }

  /** Undefined while there is room; else a promise that settles when there may be. */
  room(): Promise<void> | undefined {
    if (this.#writer.waitingBytes < (this.#options.roomBytes ?? ROOM_BYTES)) return undefined;
    return new Promise((resolve) => this.#wakeSources.push(resolve));
  }

  /** Call it every few seconds: a file to which nothing has come for long is closed. */
  tick(): void {
    if (this.#file !== undefined && this.#now() - this.#arrivedMs > IDLE_MS) this.finish();
  }

  /** Ends the file; what follows is in another. Its last record is filled with samples that are marked as missing. */
  finish(): void {
    const { file, stream } = { file: this.#file, stream: this.#stream };
    if (file === undefined || stream === undefined) return;
    // What is told late has no sample to come with: records of missing ones carry it.
    for (let from = this.#nextSample; file.builder.nFilled > 0 || this.#notes.length > 0;) {
      const nMissing = stream.length.nSamples - file.builder.nFilled;
      this.#noteMissing(stream, from, nMissing, 'end of the samples');
      from += file.builder.addMissing(nMissing);
      this.#completeRecord(stream, file);
    }
    this.#end();
  }

  /** Ends the file and resolves when all is on disk, as far as the disk takes it. */
  async stop(): Promise<void> {
    this.finish();
    await this.#writer.drained();
  }

  #block(stream: Stream, block: SampleBlock): void {
    this.#arrivedMs = this.#now();
    this.#nextSample = block.firstSample;
    if (!this.#isAble(blockLength(block))) return;
    if (this.#isTooLarge(stream, block)) this.finish();
    for (let from = 0; from < blockLength(block);) {
      const file = (this.#file ??= this.#begin(stream));
      const nTaken = file.builder.add(block.samples, from);
      from += nTaken;
      this.#nextSample += nTaken;
      if (file.builder.isFull) this.#endRecord(stream, file);
    }
  }

  #gap(stream: Stream, { firstSample, nSamples, reason }: Gap): void {
    if (this.#file === undefined) return;
    this.#nextSample = firstSample;
    this.#noteMissing(stream, firstSample, nSamples, reason);
    if (nSamples / stream.info.sampleRate > LONGEST_MARKED_GAP_SECONDS) {
      this.finish();
      return;
    }
    for (let left = nSamples; left > 0 && this.#hasFile();) {
      const nFilled = this.#file.builder.addMissing(left);
      left -= nFilled;
      this.#nextSample += nFilled;
      if (this.#file.builder.isFull) this.#endRecord(stream, this.#file);
    }
  }

  /** Says in an annotation that samples are missing; its first word makes MNE leave them out. */
  #noteMissing(stream: Stream, firstSample: number, nSamples: number, reason: string): void {
    const timeMicros = this.#micros(stream, firstSample);
    const durationMicros = this.#micros(stream, firstSample + nSamples) - timeMicros;
    this.note({ timeMicros, durationMicros, text: `BAD_ACQ_SKIP ${reason}` });
  }

  #micros({ info }: Stream, sample: number): number {
    return info.startTimeMicros + Math.round((sample / info.sampleRate) * 1e6);
  }

  #begin(stream: Stream): FileUnderWay {
    const { channels } = stream.info;
    const startMicros = this.#micros(stream, this.#nextSample);
    const scales = channels.map((channel, i) => scaleOf(channel, stream.lowest[i] ?? 0, stream.highest[i] ?? 0));
    return {
      scales,
      builder: new RecordBuilder(scales, stream.length),
      startMicros,
      secondMicros: Math.floor(startMicros / 1e6) * 1e6,
      endMicros: (Math.floor(startMicros / FILE_MICROS) + 1) * FILE_MICROS,
      nRecords: 0,
    };
  }

  #end(): void {
    this.#writer.end();
    this.#file = undefined;
  }

  #endRecord(stream: Stream, file: FileUnderWay): void {
    this.#completeRecord(stream, file);
    if (this.#micros(stream, this.#nextSample) >= file.endMicros) this.#end();
  }

  #completeRecord(stream: Stream, file: FileUnderWay): void {
    const { startMicros, secondMicros } = file;
    const recordMicros = stream.length.micros;
    let outageNotes: readonly Note[] = [];
    if (file.nRecords === 0) {
      const begun = { header: this.#header(stream, file), startMicros, recordMicros };
      this.#writer.begin(begun);
      if (this.#outage !== undefined) {
        this.#outage.attempt = begun;
        outageNotes = plainNotes({
          timeMicros: startMicros,
          durationMicros: 0,
          text: outageText(stream, this.#outage),
        });
      }
    }
    const waiting = [...outageNotes, ...this.#notes];
    const onsetMicros = startMicros - secondMicros + file.nRecords * recordMicros;
    const encode = (note: Note): Buffer => annotationList(note, secondMicros, startMicros);
    const bytes = file.builder.take(onsetMicros, waiting, encode);
    const nTold = this.#notes.length - waiting.length;
    this.#writer.append({ bytes, notes: this.#notes.slice(0, nTold) });
    this.#notes = this.#notes.slice(nTold);
    file.nRecords++;
  }

  #header({ info, length }: Stream, { scales, startMicros }: FileUnderWay): Buffer {
    return fileHeader({ channels: info.channels, scales, length, annotationBytes: ANNOTATION_BYTES, startMicros });
  }

  /** Whether samples can be recorded now; where not, they are counted. */
  #isAble(nSamples: number): boolean {
    const { waitingBytes } = this.#writer;
    if (this.#file !== undefined && waitingBytes > (this.#options.maxWaitingBytes ?? MAX_WAITING_BYTES)) {
      this.finish();
      this.#stopped('the disk is slower than the signal', undefined);
    }
    const outage = this.#outage;
    if (outage === undefined || this.#file !== undefined) return true;
    const isDue = outage.retryAtMs === undefined ? waitingBytes === 0 : this.#now() >= outage.retryAtMs;
    if (!isDue) {
      outage.nSamples += nSamples;
      this.#nLeftOut += nSamples;
    }
    return isDue;
  }

  /** Whether a block holds a value that the scales of the file under way have no number for. */
  #isTooLarge({ lowest, highest }: Stream, { samples }: SampleBlock): boolean {
    let isTooLarge = false;
    samples.forEach((values, channel) => {
      let low = 0;
      let high = 0;
      for (const value of values) {
        if (value < low) low = value;
        else if (value > high) high = value;
      }
      lowest[channel] = Math.min(lowest[channel] ?? 0, low);
      highest[channel] = Math.max(highest[channel] ?? 0, high);
      const scale = this.#file?.scales[channel];
      if (scale !== undefined && !fits(scale, low, high)) isTooLarge = true;
    });
    return isTooLarge;
  }

  #written(file: WrittenFile): void {
    this.#options.onWritten?.(file);
    if (this.#outage?.attempt !== undefined && this.#outage.attempt === file.begun) {
      this.#outage = undefined;
      this.#retryMs = this.#options.retryMs ?? FIRST_RETRY_MS;
      this.#options.onState?.('');
    }
    this.#wake();
  }

  #failed(error: unknown, { nRecords, notes }: LostRecords): void {
    const nSamples = nRecords * (this.#stream?.length.nSamples ?? 0) + (this.#file?.builder.nFilled ?? 0);
    this.#file = undefined;
    this.#notes = [...notes, ...this.#notes];
    this.#stopped(errorText(error), this.#now() + this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, LONGEST_RETRY_FACTOR * (this.#options.retryMs ?? FIRST_RETRY_MS));
    if (this.#outage !== undefined) this.#outage.nSamples += nSamples;
    this.#nLeftOut += nSamples;
    this.#wake();
  }

  #stopped(reason: string, retryAtMs: number | undefined): void {
    const isNew = this.#outage?.reason !== reason;
    this.#outage = { reason, nSamples: this.#outage?.nSamples ?? 0, retryAtMs, attempt: undefined };
    if (isNew) this.#options.onState?.(reason);
  }

  /** The file may end with any record. */
  #hasFile(): boolean {
    return this.#file !== undefined;
  }

  #wake(): void {
    for (const wake of this.#wakeSources.splice(0)) wake();
  }
}

function outageText({ info }: Stream, { nSamples, reason }: Outage): string {
  return `chirpd: ${(nSamples / info.sampleRate).toFixed(1)} s before this file were not recorded: ${reason}`;
}
