import type { BedMontages, MontageDerivation, MontageName, OfferedMontage } from '../../daemon/protocol/messages.js';

/** How the derivations of a page are made of channels. */
export interface EegMontage {
  readonly derivations: readonly MontageDerivation[];
  /** Channels of the common average. */
  readonly averaged: readonly number[];
}

/** Each channel as it is. */
export function asRecorded(channels: readonly string[]): EegMontage {
  return { derivations: channels.map((label, plus) => ({ label, plus, minus: null, sign: 1 })), averaged: [] };
}

export function labelsOf({ derivations }: EegMontage): readonly string[] {
  return derivations.map(({ label }) => label);
}

/** What is offered under a name; else as configured; undefined where nothing is known. */
export function offered(montages: BedMontages | undefined, name: MontageName): OfferedMontage | undefined {
  return montages?.montages.find((one) => one.name === name) ?? montages?.montages[0];
}

/** Computes the derivations of a montage, sample by sample; it has no memory. */
export class MontageMixer {
  readonly #montage: EegMontage;
  readonly #needsAverage: boolean;

  constructor(montage: EegMontage) {
    this.#montage = montage;
    this.#needsAverage = montage.derivations.some(({ minus }) => minus === 'average');
  }

  /**
   * @param raw (nChannels, capacity), sample `i` of a channel at `i % capacity`
   * @param take gets each derivation's samples in their order, microvolts
   */
  mix(
    raw: Float32Array,
    capacity: number,
    from: number,
    to: number,
    take: (derivation: number, i: number, microvolts: number) => void,
  ): void {
    const average = this.#needsAverage ? this.#averageOf(raw, capacity, from, to) : new Float64Array(0);
    this.#montage.derivations.forEach(({ plus, minus, sign }, d) => {
      const positive = plus * capacity;
      const negative = typeof minus === 'number' ? minus * capacity : 0;
      for (let i = from; i < to; i++) {
        const place = i % capacity;
        const reference = minus === null ? 0 : minus === 'average' ? average[i - from]! : raw[negative + place]!;
        take(d, i, sign * (raw[positive + place]! - reference));
      }
    });
  }

  /** Over the channels that have a value at that moment, as the daemon has it. */
  #averageOf(raw: Float32Array, capacity: number, from: number, to: number): Float64Array {
    const average = new Float64Array(to - from);
    for (let i = from; i < to; i++) {
      let [sum, n] = [0, 0];
      for (const channel of this.#montage.averaged) {
        const value = raw[channel * capacity + (i % capacity)]!;
        if (!Number.isFinite(value)) continue;
        sum += value;
        n++;
      }
      average[i - from] = sum / n;
    }
    return average;
  }
}
