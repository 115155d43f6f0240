import type { SampleBlock, StreamInfo } from '../pipelines/core/signal.js';
import { blockLength } from '../pipelines/core/signal.js';
import type { WaveformMessage } from './protocol/messages.js';

const MESSAGES_PER_SECOND = 4;
const MICROS_PER_SECOND = 1e6;

/** Collects the blocks of one stream into messages of about a quarter of a second, each without a hole in it. */
export class WaveformBatch {
  readonly #bed: string;
  readonly #info: StreamInfo;
  readonly #send: (message: WaveformMessage) => void;
  readonly #fullSamples: number;
  #blocks: SampleBlock[] = [];
  #nSamples = 0;

  constructor(bed: string, info: StreamInfo, send: (message: WaveformMessage) => void) {
    this.#bed = bed;
    this.#info = info;
    this.#send = send;
    this.#fullSamples = Math.max(1, Math.floor(info.sampleRate / MESSAGES_PER_SECOND));
  }

  add(block: SampleBlock): void {
    const first = this.#blocks[0];
    if (first !== undefined && block.firstSample !== first.firstSample + this.#nSamples) this.flush();
    this.#blocks.push(block);
    this.#nSamples += blockLength(block);
    if (this.#nSamples >= this.#fullSamples) this.flush();
  }

  /** Sends what is there. */
  flush(): void {
    const first = this.#blocks[0];
    if (first === undefined) return;
    const { sampleRate, startTimeMicros } = this.#info;
    const message: WaveformMessage = {
      type: 'waveform',
      bed: this.#bed,
      timeMicros: startTimeMicros + Math.round((first.firstSample / sampleRate) * MICROS_PER_SECOND),
      sampleRate,
      nSamples: this.#nSamples,
      microvolts: this.#bytes(),
    };
    this.clear();
    this.#send(message);
  }

  /** Forgets what is there: nobody wants it. */
  clear(): void {
    this.#blocks = [];
    this.#nSamples = 0;
  }

  /** (nDerivations, nSamples) float32 in C order; little-endian, as all platforms that the daemon runs on are. */
  #bytes(): Uint8Array {
    const nDerivations = this.#blocks[0]?.samples.length ?? 0;
    const values = new Float32Array(nDerivations * this.#nSamples);
    let at = 0;
    for (let derivation = 0; derivation < nDerivations; derivation++) {
      for (const { samples } of this.#blocks) {
        const part = samples[derivation] ?? new Float32Array();
        values.set(part, at);
        at += part.length;
      }
    }
    return new Uint8Array(values.buffer);
  }
}
