import type { AmplitudeFrame } from '../core/amplitude.js';
import { blockLength, type SampleBlock, type StreamInfo } from '../core/signal.js';
import { Envelope } from './envelope.js';
import { SampleClock } from './sampleClock.js';
import { Suppression } from './suppression.js';

/** Measures suppression and envelope of every derivation of one stream, second after second of stream time. */
export class AmplitudeMonitor {
  readonly #sampleRate: number;
  readonly #clock = new SampleClock();
  readonly #suppressions: readonly Suppression[];
  readonly #envelopes: readonly Envelope[];
  /** The second that is under way, and the first sample after it. */
  #second = 0;
  #endSample = 0;

  constructor({ sampleRate, channels }: StreamInfo) {
    this.#sampleRate = sampleRate;
    this.#suppressions = channels.map(() => new Suppression(sampleRate));
    this.#envelopes = channels.map(() => new Envelope(sampleRate));
  }

  interrupt(firstSample: number, nSamples: number): void {
    this.#clock.interrupt(firstSample, nSamples);
  }

  /** @returns a frame for each second whose last sample is in the block, in order */
  block(block: SampleBlock): readonly AmplitudeFrame[] {
    const { firstSample, samples } = block;
    const nSamples = blockLength(block);
    if (nSamples === 0) return NOTHING;
    if (!this.#clock.advance(firstSample, nSamples)) this.#restart(firstSample);
    for (let d = 0; d < samples.length; d++) this.#envelopes[d]!.filter(samples[d]!);
    let frames: AmplitudeFrame[] | undefined;
    for (let from = 0; from < nSamples;) {
      const to = Math.min(nSamples, this.#endSample - firstSample);
      for (let d = 0; d < samples.length; d++) {
        this.#suppressions[d]!.add(samples[d]!, from, to);
        this.#envelopes[d]!.add(from, to);
      }
      from = to;
      if (firstSample + to < this.#endSample) break;
      (frames ??= []).push(this.#frame());
      this.#begin(this.#second + 1);
    }
    return frames ?? NOTHING;
  }

  #restart(firstSample: number): void {
    for (const suppression of this.#suppressions) suppression.interrupt();
    for (const envelope of this.#envelopes) envelope.interrupt();
    let second = Math.floor(firstSample / this.#sampleRate);
    // A quotient may be rounded up to the second after; `#begin` must not find itself past the sample.
    while (Math.ceil(second * this.#sampleRate) > firstSample) second--;
    while (Math.ceil((second + 1) * this.#sampleRate) <= firstSample) second++;
    this.#begin(second);
  }

  /** Second `s` has the samples from `s * sampleRate` on, up to those of the next. */
  #begin(second: number): void {
    if (second !== this.#second) for (const envelope of this.#envelopes) envelope.restart();
    this.#second = second;
    this.#endSample = Math.ceil((second + 1) * this.#sampleRate);
    for (const suppression of this.#suppressions) suppression.begin(second);
  }

  #frame(): AmplitudeFrame {
    return {
      type: 'amplitude',
      second: this.#second + 1,
      suppressionRatio: this.#suppressions.map((suppression) => suppression.ratio()),
      envelopeLowerMicrovolts: this.#envelopes.map(({ lower }) => lower),
      envelopeUpperMicrovolts: this.#envelopes.map(({ upper }) => upper),
    };
  }
}

const NOTHING: readonly AmplitudeFrame[] = [];
