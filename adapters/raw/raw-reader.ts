import { ChirpdError } from '../../pipelines/core/errors.js';
import { canonicalLabel } from '../../pipelines/core/labels.js';
import type { AdapterItem } from '../../pipelines/core/signal.js';
import type { Pacer } from '../adapter.js';
import { nextPiece } from '../piece.js';
import { MICROVOLTS_PER } from '../units.js';
import { BinaryDecoder } from './binary-decoder.js';
import { checkedStream, readHeader } from './header-line.js';
import { LineDecoder } from './line-decoder.js';
import type { RawStream } from './raw-stream.js';
import type { DecodedRun, SampleDecoder } from './sample-decoder.js';

export interface RawReaderOptions {
  /** What comes; undefined: the first line says it. */
  readonly stream: RawStream | undefined;
  readonly pacer: Pacer;
  /** Where it comes from, for people. */
  readonly source: string;
  /** Whether the arrival of bytes says when the samples were taken. */
  readonly hasClock: boolean;
  /** False when nobody listens any more. */
  readonly emit: (item: AdapterItem) => boolean;
}

/** So long without one sample that can be read, and the stream is none. */
const GARBAGE_SECONDS = 10;

/** Bytes of one stream to its items, at the pace of the pipeline. */
export class RawReader {
  readonly #options: RawReaderOptions;
  #stream: RawStream | undefined;
  #decoder: SampleDecoder | undefined;
  #beginning: Buffer = Buffer.alloc(0);
  #next = 0;
  #nLostInRow = 0;

  constructor(options: RawReaderOptions) {
    this.#options = options;
    this.#stream = options.stream && checkedStream(options.stream);
  }

  /** @throws ChirpdError RAW_HEADER, RAW_GARBAGE, and what the pacer says */
  async take(bytes: Buffer): Promise<void> {
    const hostMicros = Date.now() * 1000;
    const rest = this.#decoder === undefined ? this.#begin(bytes, hostMicros) : bytes;
    if (this.#decoder === undefined || rest === undefined) return;
    const before = this.#next;
    if (!(await this.#emit(this.#decoder.push(rest))) || this.#next === before) return;
    if (this.#options.hasClock) this.#options.emit({ type: 'clock', sample: this.#next - 1, hostMicros });
  }

  /** Nothing follows. @throws ChirpdError RAW_HEADER, RAW_TRUNCATED */
  async end(): Promise<void> {
    if (this.#decoder === undefined) {
      if (this.#beginning.length > 0) readHeader(Buffer.concat([this.#beginning, Buffer.from('\n')]));
      throw new ChirpdError('RAW_TRUNCATED', `${this.#options.source} ends before its first sample`);
    }
    const { runs, nBytesLeft } = this.#decoder.end();
    await this.#emit(runs);
    if (nBytesLeft === 0) return;
    const text = `${this.#options.source} ends in the middle of a sample (${nBytesLeft} bytes left): all before it was read`;
    throw new ChirpdError('RAW_TRUNCATED', text);
  }

  /** Reads the header, if one is to come, and gives what follows it. */
  #begin(bytes: Buffer, nowMicros: number): Buffer | undefined {
    let rest = bytes;
    if (this.#stream === undefined) {
      this.#beginning = Buffer.concat([this.#beginning, bytes]);
      const header = readHeader(this.#beginning);
      if (header === undefined) return undefined;
      this.#stream = header.stream;
      rest = this.#beginning.subarray(header.nBytes);
      this.#beginning = Buffer.alloc(0);
    }
    const { channels, sampleRate, format, units, scale, startTimeMicros = nowMicros, source } = this.#stream;
    const microvolts = MICROVOLTS_PER[units] * scale;
    this.#decoder =
      format === 'csv'
        ? new LineDecoder(channels.length, microvolts)
        : new BinaryDecoder(format, channels.length, microvolts);
    const isOpen = this.#options.emit({
      type: 'info',
      channels: channels.map((label) => ({ label: canonicalLabel(label), sourceLabel: label })),
      leftOut: [],
      sampleRate,
      startTimeMicros,
      source: source === undefined ? this.#options.source : `${source} (${this.#options.source})`,
    });
    return isOpen ? rest : undefined;
  }

  async #emit(runs: readonly DecodedRun[]): Promise<boolean> {
    const { pacer, emit, source } = this.#options;
    const sampleRate = this.#stream?.sampleRate ?? 1;
    for (const run of runs) {
      const nSamples = 'nLost' in run ? run.nLost : (run.samples[0]?.length ?? 0);
      for (let done = 0; done < nSamples;) {
        const piece = 'nLost' in run ? undefined : nextPiece(run.samples, done, sampleRate);
        const length = piece?.[0]?.length ?? nSamples;
        await pacer.due((this.#next + length) / sampleRate);
        const firstSample = this.#next;
        this.#next += length;
        done += length;
        const isOpen = emit(
          piece === undefined
            ? { type: 'gap', firstSample, nSamples: length, reason: 'lost-packets' }
            : { type: 'block', firstSample, samples: piece },
        );
        if (!isOpen) return false;
      }
      this.#nLostInRow = 'nLost' in run ? this.#nLostInRow + run.nLost : 0;
      if (this.#nLostInRow <= GARBAGE_SECONDS * sampleRate) continue;
      const text = `${source}: nothing that came for ${GARBAGE_SECONDS} s is a sample; are channels, format and units right?`;
      throw new ChirpdError('RAW_GARBAGE', text);
    }
    return true;
  }
}
