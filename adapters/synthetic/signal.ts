import { Episodes, PinkNoise, Rhythm } from './background.js';
import { chirpMicrovolts, chirpTrain, type SyntheticChirp } from './chirps.js';
import { ELECTRODES_10_20 } from './electrodes.js';
import type { SyntheticOptions } from './options.js';
import { Random } from './random.js';

interface SyntheticChannel {
  readonly own: PinkNoise;
  /** Microvolts of each part at this electrode. */
  readonly ownMicrovolts: number;
  readonly commonMicrovolts: number;
  readonly sidewaysMicrovolts: number;
  readonly lengthwaysMicrovolts: number;
  readonly alphaLeftMicrovolts: number;
  readonly alphaRightMicrovolts: number;
  readonly blinkMicrovolts: number;
}

/**
 * Made-up EEG in microvolts: 1/f background that neighbours share in part, posterior alpha in bursts, blinks, chirps.
 * Sample by sample, so that the values do not depend on how many are asked for at a time.
 */
export class SyntheticSignal {
  readonly #sampleRate: number;
  readonly #channels: readonly SyntheticChannel[];
  readonly #common: PinkNoise;
  readonly #sideways: PinkNoise;
  readonly #lengthways: PinkNoise;
  readonly #alphaLeft: Rhythm;
  readonly #alphaRight: Rhythm;
  readonly #alphaBursts: Episodes;
  readonly #blinks: Episodes;
  readonly #train: ReturnType<typeof chirpTrain> | undefined;
  #chirp: SyntheticChirp | undefined;
  #nextSample = 0;

  constructor({ seed, nChannels, sampleRate, chirps }: SyntheticOptions) {
    const random = (name: string): Random => new Random(seed, name);
    const pink = (name: string): PinkNoise => new PinkNoise(random(name), sampleRate);
    const levels = random('levels');
    const alphaHz = levels.between(8.8, 10.8);
    this.#sampleRate = sampleRate;
    this.#common = pink('common');
    this.#sideways = pink('sideways');
    this.#lengthways = pink('lengthways');
    this.#alphaLeft = new Rhythm(random('alpha left'), sampleRate, alphaHz, 0.6);
    this.#alphaRight = new Rhythm(random('alpha right'), sampleRate, alphaHz, 0.6);
    this.#alphaBursts = new Episodes(random('alpha bursts'), {
      pauseSeconds: [1, 8],
      durationSeconds: [1.5, 6],
      strength: [0.6, 1],
      rampSeconds: 0.5,
    });
    this.#blinks = new Episodes(random('blinks'), {
      pauseSeconds: [3, 15],
      durationSeconds: [0.3, 0.45],
      strength: [70, 130],
      rampSeconds: 1,
    });
    this.#channels = ELECTRODES_10_20.slice(0, nChannels).map(({ label, x, y }): SyntheticChannel => {
      const level = levels.between(13, 19);
      const posterior = Math.exp(-(((y + 0.75) / 0.45) ** 2));
      return {
        own: pink(`own ${label}`),
        ownMicrovolts: 0.65 * level,
        commonMicrovolts: 0.5 * level,
        sidewaysMicrovolts: 0.55 * level * x,
        lengthwaysMicrovolts: 0.55 * level * y,
        alphaLeftMicrovolts: 14 * posterior * Math.min(1, Math.max(0, 0.5 - 0.8 * x)),
        alphaRightMicrovolts: 14 * posterior * Math.min(1, Math.max(0, 0.5 + 0.8 * x)),
        blinkMicrovolts: Math.exp(-(((0.8 - y) / 0.35) ** 2)) * (1 - 0.5 * Math.abs(x)),
      };
    });
    if (chirps) {
      this.#train = chirpTrain({ seed, nChannels });
      this.#chirp = this.#train.next().value;
    }
  }

  /** The next samples: shape (nChannels, nSamples), microvolts. */
  next(nSamples: number): Float32Array[] {
    const blocks = this.#channels.map(() => new Float32Array(nSamples));
    for (let i = 0; i < nSamples; i++) {
      const seconds = this.#nextSample++ / this.#sampleRate;
      const common = this.#common.next();
      const sideways = this.#sideways.next();
      const lengthways = this.#lengthways.next();
      const burst = this.#alphaBursts.at(seconds);
      const alphaLeft = this.#alphaLeft.next() * burst;
      const alphaRight = this.#alphaRight.next() * burst;
      const blink = this.#blinks.at(seconds);
      for (let c = 0; c < this.#channels.length; c++) {
        const channel = this.#channels[c] as SyntheticChannel;
        (blocks[c] as Float32Array)[i] =
          channel.own.next() * channel.ownMicrovolts +
          common * channel.commonMicrovolts +
          sideways * channel.sidewaysMicrovolts +
          lengthways * channel.lengthwaysMicrovolts +
          alphaLeft * channel.alphaLeftMicrovolts +
          alphaRight * channel.alphaRightMicrovolts +
          blink * channel.blinkMicrovolts;
      }
      this.#addChirp(blocks, i, seconds);
    }
    return blocks;
  }

  #addChirp(blocks: readonly Float32Array[], i: number, seconds: number): void {
    const chirp = this.#chirp;
    if (chirp === undefined) return;
    const sinceOnset = seconds - chirp.onsetSeconds;
    if (sinceOnset < 0) return;
    // The farthest electrode is late by less than a tenth of a second; the pauses between chirps are longer.
    if (sinceOnset > chirp.durationSeconds + 0.1) {
      this.#chirp = this.#train?.next().value;
      return;
    }
    for (const electrode of chirp.electrodes) {
      const block = blocks[electrode.channel] as Float32Array;
      block[i] = (block[i] as number) + chirpMicrovolts(chirp, electrode, sinceOnset, this.#sampleRate / 2);
    }
  }
}
