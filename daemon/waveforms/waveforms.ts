import { isChirpdError } from '../../pipelines/core/errors.js';
import type { BedJournal } from '../journal/bed-journal.js';
import type { BedInfo, WaveformHistory, WaveformPiece } from '../protocol/messages.js';
import type { Recorder } from '../recording/recorder.js';
import { derive, type Derived, type DeriveOptions } from './derive.js';
import { type JournalStretches, readJournalStretches } from './journal-stretches.js';
import { Reading } from './reading.js';
import { readRecordedStretches } from './recorded-stretches.js';
import { type Span, uncovered } from './span.js';
import { isSameRate, runsOf, spanOf, type Stretch } from './stretch.js';

export interface WaveformsOptions {
  /** How the derivations of each bed of the config are made, by its name. */
  readonly beds: Pick<ReadonlyMap<string, DeriveOptions>, 'get'>;
  /** Undefined for a bed without one. */
  readonly journal: (bed: string) => Pick<BedJournal, 'folder' | 'kept'> | undefined;
  /** Undefined where nothing is recorded. */
  readonly recorder: () => Pick<Recorder, 'filesOf'> | undefined;
}

/** What the past is told in: the bed's own derivations, or the channels of its source. */
export type PastMontage = 'configured' | 'recorded';

/**
 * Samples before those that are wanted are read as well, so that the filters have forgotten where they began: of the
 * high-pass at 0.3 Hz, the slowest, 4e-18 of a step is left after so long, less than float32 can tell.
 */
const SETTLE_SECONDS = 30;
/** What is younger than this may not have been written yet. */
const YOUNG_MICROS = 2e6;

/**
 * The EEG of live beds' past, as topic `waveform` told it: from the journal (float32, as it came) and, where that has nothing,
 * from recordings (to the step of their 24 bits), through the same montage and filters. A sample that both have comes
 * once, from the journal; of recordings that hold the same time, from the one that was written last.
 *
 * The filters begin 30 s before the first sample that is wanted, or at the last interruption if that is later: as they did
 * live (equal but for the last bit of a float32, now and then). Where an interruption is one of the recording alone (a second or
 * two at a SIGKILL, longer where the disk refused), what follows differs from what was told by the high-pass's start, a thousandth
 * of which is left after 5 s.
 */
export class Waveforms {
  readonly #options: WaveformsOptions;
  /** One question at a time: each takes short turns of the loop, and they do not add up. */
  #newest: Promise<unknown> = Promise.resolve();

  constructor(options: WaveformsOptions) {
    this.#options = options;
  }

  /**
   * @param info of the bed, now
   * @param montage `recorded`: the channels themselves, as topic `channels` tells them, in place of the bed's derivations
   * @throws ChirpdError PROTOCOL_BAD_QUERY (too much at a time), and an Error where what is kept cannot be read
   */
  async read(info: BedInfo, span: Span, montage: PastMontage = 'configured'): Promise<WaveformHistory> {
    const journal = this.#options.journal(info.bed);
    if (span.toMicros > info.newestTimeMicros - YOUNG_MICROS) await journal?.kept();
    const answer = this.#newest.then(() => this.#read(info, span, montage));
    this.#newest = answer.catch(() => undefined);
    return answer;
  }

  async #read(info: BedInfo, span: Span, montage: PastMontage): Promise<WaveformHistory> {
    const reading = new Reading();
    const stretches = await this.#stretches(info, span, reading);
    let { sampleRate } = info;
    let derivations = montage === 'configured' ? info.derivations : [];
    let { toMicros } = span;
    const pieces: WaveformPiece[] = [];
    const configured = this.#options.beds.get(info.bed);
    const settings = montage === 'recorded' && configured ? { ...configured, montage } : configured;
    for (const run of settings === undefined ? [] : runsOf(stretches)) {
      const derived = await derive(run, settings!, span, reading);
      if (derived === undefined) continue;
      if (pieces.length > 0 && !isAlike(derived, derivations, sampleRate)) {
        toMicros = derived.piece.timeMicros;
        break;
      }
      ({ derivations, sampleRate } = derived);
      pieces.push(derived.piece);
    }
    return {
      type: 'waveformHistory',
      bed: info.bed,
      fromTimeMicros: span.fromMicros,
      untilTimeMicros: toMicros,
      derivations,
      sampleRate,
      pieces,
    };
  }

  /** All that there is of a span and of the time before it that the filters need, each sample once. */
  async #stretches(info: BedInfo, { fromMicros, toMicros }: Span, reading: Reading): Promise<readonly Stretch[]> {
    const span = { fromMicros: fromMicros - SETTLE_SECONDS * 1e6, toMicros };
    const journal = this.#options.journal(info.bed);
    const { stretches, infos }: JournalStretches =
      journal === undefined ? { stretches: [], infos: [] } : await readJournalStretches(journal.folder, span, reading);
    let found = stretches;
    for (const file of this.#options.recorder()?.filesOf(info.bed, span.fromMicros, toMicros) ?? []) {
      const slackMicros = 0.5e6 / (info.sampleRate || 1);
      const holes = uncovered(span, found.map(spanOf), slackMicros);
      const wanted = holes.filter((hole) => hole.fromMicros < file.endMicros && hole.toMicros > file.startMicros);
      if (wanted.length === 0) continue;
      found = [...found, ...(await recorded(file, wanted, { infos, place: info }, reading))];
    }
    return found;
  }
}

/** What is wrong with a file is the daemon's business, and not the fault of who asked. */
async function recorded(...asked: Parameters<typeof readRecordedStretches>): Promise<readonly Stretch[]> {
  try {
    return await readRecordedStretches(...asked);
  } catch (error) {
    if (!isChirpdError(error) || error.code === 'PROTOCOL_BAD_QUERY') throw error;
    throw new Error(`A recording cannot be read: ${error.message}`, { cause: error });
  }
}

function isAlike({ derivations, sampleRate }: Derived, others: readonly string[], rate: number): boolean {
  return (
    isSameRate(sampleRate, rate) &&
    derivations.length === others.length &&
    derivations.every((label, i) => label === others[i])
  );
}
