import { readFileSync } from 'node:fs';
import { Pusher } from '../../daemon/client/node.js';

const PUSH_MS = 100;

/** EEG as it was recorded. */
export interface RecordedEeg {
  readonly labels: readonly string[];
  /** Hz */
  readonly sampleRate: number;
  /** (nChannels, nSamples), microvolts. */
  readonly samples: readonly Float32Array[];
}

/**
 * Reads the signals of a plain EDF file that have the rate of its first one, as the format says and with nothing of the
 * daemon's own reader: `EEG FP1-REF` is FP1. Of two signals of one name, the first.
 */
export function readEdf(path: string): RecordedEeg {
  const bytes = readFileSync(path);
  const text = (at: number, length: number): string => bytes.toString('latin1', at, at + length).trim();
  const [nRecords, recordSeconds, nSignals] = [Number(text(236, 8)), Number(text(244, 8)), Number(text(252, 4))];
  const field = (before: number, length: number, i: number): string =>
    text(256 + nSignals * before + i * length, length);
  const signals = Array.from({ length: nSignals }, (_, i) => {
    const [physicalLow, physicalHigh] = [Number(field(104, 8, i)), Number(field(112, 8, i))];
    const [low, high] = [Number(field(120, 8, i)), Number(field(128, 8, i))];
    const gain = (physicalHigh - physicalLow) / (high - low);
    return { label: field(0, 16, i), low, physicalLow, gain, n: Number(field(216, 8, i)) };
  });
  const n = signals[0]?.n ?? 0;
  const kept = signals
    .map((signal, i) => ({ ...signal, i }))
    .filter(({ label, n: itsN }) => itsN === n && !label.includes('Annot'))
    .filter(({ label }, i, all) => all.findIndex((other) => other.label === label) === i);
  const samples = kept.map(() => new Float32Array(nRecords * n));
  let at = 256 * (nSignals + 1);
  for (let record = 0; record < nRecords; record++) {
    for (const [i, signal] of signals.entries()) {
      const place = kept.findIndex((one) => one.i === i);
      for (let s = 0; place >= 0 && s < signal.n; s++) {
        const value = (bytes.readInt16LE(at + 2 * s) - signal.low) * signal.gain + signal.physicalLow;
        samples[place]![record * n + s] = value;
      }
      at += 2 * signal.n;
    }
  }
  const labels = kept.map(({ label }) => label.replace(/^EEG /, '').replace(/-(REF|LE)$/i, ''));
  return { labels, sampleRate: n / recordSeconds, samples };
}

export interface PushedEegOptions {
  readonly url: string;
  readonly bed: string;
  readonly eeg: RecordedEeg;
  /** So much of it is pushed at once, as if it had come until now; the rest follows in real time, round and round. */
  readonly pastSeconds: number;
  /** Seconds of the past in which no sample came. */
  readonly gap?: { readonly fromSeconds: number; readonly toSeconds: number };
}

/** A gateway that has recorded EEG come to a bed of kind `push`. */
export class PushedEeg {
  /** Unix time of the first sample, microseconds. */
  readonly startTimeMicros: number;
  readonly #options: PushedEegOptions;
  readonly #pusher: Pusher;
  readonly #startMs: number;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: PushedEegOptions) {
    const { url, bed, eeg, pastSeconds } = options;
    this.#options = options;
    this.#startMs = Date.now() - pastSeconds * 1000;
    this.startTimeMicros = this.#startMs * 1000;
    this.#pusher = new Pusher({
      url,
      bed,
      channels: eeg.labels,
      sampleRate: eeg.sampleRate,
      source: 'a gateway',
      startTimeMicros: this.startTimeMicros,
      bufferSeconds: 600,
    });
  }

  /** Resolves when the daemon has the past. */
  static async start(options: PushedEegOptions): Promise<PushedEeg> {
    const pushed = new PushedEeg(options);
    const { gap, pastSeconds, eeg } = options;
    const { sampleRate } = eeg;
    while (pushed.#pusher.nextSample < Math.floor(pastSeconds * sampleRate)) {
      await pushed.#pusher.room();
      const first = pushed.#pusher.nextSample;
      if (gap !== undefined && first === Math.round(gap.fromSeconds * sampleRate)) {
        pushed.#pusher.skip(Math.round((gap.toSeconds - gap.fromSeconds) * sampleRate));
        continue;
      }
      const beforeGap =
        gap === undefined || first > gap.fromSeconds * sampleRate ? Infinity : gap.fromSeconds * sampleRate;
      const end = Math.min(first + sampleRate, Math.round(beforeGap), Math.floor(pastSeconds * sampleRate));
      pushed.#pusher.send(pushed.#piece(first, end));
    }
    await pushed.#pusher.acknowledged();
    pushed.#timer = setInterval(() => {
      const first = pushed.#pusher.nextSample;
      const end = Math.floor(((Date.now() - pushed.#startMs) / 1000) * sampleRate);
      if (end > first) pushed.#pusher.send(pushed.#piece(first, end));
    }, PUSH_MS);
    return pushed;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#pusher.abort();
  }

  #piece(first: number, end: number): readonly Float32Array[] {
    const { samples } = this.#options.eeg;
    return samples.map((values) =>
      Float32Array.from({ length: end - first }, (_, i) => values[(first + i) % values.length]!),
    );
  }
}
