import { join } from 'node:path';
import type { Test } from 'tap';
import { BedJournal } from '../../../daemon/journal/bed-journal.js';
import { microvoltsOf } from '../../../daemon/protocol/codec.js';
import type { BedInfo, WaveformHistory } from '../../../daemon/protocol/messages.js';
import type { BedRecorder } from '../../../daemon/recording/bed-recorder.js';
import { bedFolderName } from '../../../daemon/recording/file-name.js';
import { Recorder } from '../../../daemon/recording/recorder.js';
import type { DeriveOptions } from '../../../daemon/waveforms/derive.js';
import { type PastMontage, Waveforms } from '../../../daemon/waveforms/waveforms.js';
import { CANVAS } from '../../../pipelines/core/profile.js';
import { blockLength, type SampleBlock, type StreamInfo, type StreamItem } from '../../../pipelines/core/signal.js';
import { filter } from '../../../pipelines/filter.js';
import { montage } from '../../../pipelines/montage.js';
import { of } from 'rxjs';
import { temporaryFolder } from '../../e2e/temporary-folder.js';
import { BED } from '../server/harness.js';

const LOG = { info: (): void => undefined, warn: (): void => undefined, error: (): void => undefined };

/** A bed with a journal and recordings on disk, and what reads them. */
export class KeptBed {
  readonly journal: BedJournal;
  readonly recorder: Recorder;
  readonly #bedRecorder: BedRecorder;
  readonly waveforms: Waveforms;
  readonly recordings: string;
  info: BedInfo = BED;

  private constructor(folder: string, recorder: Recorder, settings: DeriveOptions) {
    const source = { kind: 'test' };
    this.journal = new BedJournal({ folder: join(folder, 'journal'), source, profiles: [], keepSeconds: 600 });
    this.recorder = recorder;
    this.#bedRecorder = recorder.addBed(BED.bed);
    this.recordings = join(folder, 'recordings', bedFolderName(BED.bed));
    this.waveforms = new Waveforms({
      beds: new Map([[BED.bed, settings]]),
      journal: () => this.journal,
      recorder: () => this.recorder,
    });
  }

  static async start(t: Test, settings: DeriveOptions = { montage: 'recorded' }): Promise<KeptBed> {
    const folder = temporaryFolder(t);
    const recorder = new Recorder({ folder: join(folder, 'recordings'), log: LOG });
    await recorder.start();
    const bed = new KeptBed(folder, recorder, settings);
    await bed.journal.read();
    t.teardown(async () => {
      await bed.journal.stop();
      await recorder.stop();
    });
    return bed;
  }

  /** What comes, into the journal, the recording, or both; the bed is at its end. */
  async take(items: readonly StreamItem[], into: 'journal' | 'recording' | 'both' = 'both'): Promise<void> {
    for (const item of items) {
      if (item.type === 'info') {
        const { startTimeMicros, sampleRate } = item;
        this.info = { ...BED, startTimeMicros, sampleRate, newestTimeMicros: startTimeMicros };
      } else if (item.type === 'block') {
        const { startTimeMicros, sampleRate } = this.info;
        const seconds = (item.firstSample + blockLength(item)) / sampleRate;
        this.info = { ...this.info, newestTimeMicros: startTimeMicros + Math.round(seconds * 1e6) };
      }
      if (into !== 'recording') this.journal.take(item);
      if (into !== 'journal') this.#bedRecorder.take(item);
      await this.#bedRecorder.room();
    }
  }

  /** Ends the file that is written, and resolves when all is on disk. */
  async settle(): Promise<void> {
    await this.#bedRecorder.stop();
    await this.journal.kept();
  }

  /** @param fromSeconds of the stream that began last */
  read(fromSeconds: number, seconds: number, montage?: PastMontage): Promise<WaveformHistory> {
    const fromMicros = this.info.startTimeMicros + Math.round(fromSeconds * 1e6);
    return this.waveforms.read(this.info, { fromMicros, toMicros: fromMicros + Math.round(seconds * 1e6) }, montage);
  }
}

/** A sine on an offset in each channel, which tells its place. */
export function wave(info: StreamInfo, firstSample: number, nSamples: number): SampleBlock {
  const samples = info.channels.map((_, channel) =>
    Float32Array.from({ length: nSamples }, (__, i) => {
      const seconds = (firstSample + i) / info.sampleRate;
      return 300 * channel + (40 + channel) * Math.sin(seconds * (3 + channel)) + 100 * Math.sin(seconds * 0.7);
    }),
  );
  return { type: 'block', firstSample, samples };
}

/** Blocks of a quarter of a second, in seconds of the stream. */
export function waves(info: StreamInfo, fromSeconds: number, toSeconds: number): readonly SampleBlock[] {
  const [from, to] = [Math.round(fromSeconds * info.sampleRate), Math.round(toSeconds * info.sampleRate)];
  const n = Math.floor(info.sampleRate / 4);
  return Array.from({ length: Math.ceil((to - from) / n) }, (_, i) =>
    wave(info, from + i * n, Math.min(n, to - from - i * n)),
  );
}

/** What the pipeline makes of items: one list of derivations for each block. */
export function derived(
  items: readonly StreamItem[],
  { montage: spec, mainsHz }: DeriveOptions,
): readonly SampleBlock[] {
  const blocks: SampleBlock[] = [];
  of(...items)
    .pipe(montage(spec), filter({ highpassHz: CANVAS.highpassHz, notchHz: mainsHz }))
    .subscribe((item) => {
      if (item.type === 'block') blocks.push(item);
    });
  return blocks;
}

/** Largest difference of the pieces from what the blocks of a stream hold; infinite where a sample is in no block. */
export function worstOf(history: WaveformHistory, info: StreamInfo, blocks: readonly SampleBlock[]): number {
  const byTime = new Map<number, readonly [SampleBlock, number]>();
  for (const block of blocks) {
    for (let i = 0; i < blockLength(block); i++) {
      const micros = info.startTimeMicros + Math.round(((block.firstSample + i) / info.sampleRate) * 1e6);
      byTime.set(micros, [block, i]);
    }
  }
  let worst = 0;
  for (const { timeMicros, nSamples, microvolts } of history.pieces) {
    const first = Math.round(((timeMicros - info.startTimeMicros) / 1e6) * info.sampleRate);
    const values = microvoltsOf(microvolts);
    const nDerivations = values.length / nSamples;
    for (let i = 0; i < nSamples; i++) {
      const micros = info.startTimeMicros + Math.round(((first + i) / info.sampleRate) * 1e6);
      const [block, at] = byTime.get(micros) ?? [];
      for (let d = 0; d < nDerivations; d++) {
        const wanted = block?.samples[d]?.[at ?? 0] ?? Infinity;
        worst = Math.max(worst, Math.abs((values[d * nSamples + i] as number) - wanted));
      }
    }
  }
  return worst;
}
