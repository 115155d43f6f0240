import { bandProfile, columnSeconds, type BandProfile, type ProfileName } from '../../pipelines/core/profile.js';
import type { StreamInfo } from '../../pipelines/core/signal.js';
import type { ColumnFrame, TrendFrame } from '../../pipelines/items.js';
import type { BedHistory } from '../protocol/messages.js';
import { columnGrid, HistoryColumns } from './history-columns.js';
import { firstSlotOf, hourOf, hoursIn, readHour } from './hour-file.js';
import { Pauses } from '../pauses.js';
import { regionDerivations, type RegionDerivations } from './regions.js';
import { SlotAverage } from './slot-average.js';
import { readHead, replaces, SLOT_MICROS, SLOT_SECONDS, slotOf, type SlotHead } from './slot-record.js';
import { SlotWriter, type SlotWriterOptions, type WaitingRecord } from './slot-writer.js';

export interface BedStoreOptions extends SlotWriterOptions {
  /** The bed's first: of its columns the averages are made. */
  readonly profile: ProfileName;
}

/** Stream time after which a slot that is under way is written: a process that is killed loses no more than this of it. */
const WRITE_MICROS = SLOT_MICROS / 2;

/** The stream whose newest column is the end of the history. */
type Newest = Pick<SlotHead, 'slot' | 'streamStartMicros'>;

/** The history of one bed. Takes what its pipeline puts out, and makes nobody wait. */
export class BedStore {
  readonly #profile: BandProfile;
  readonly #folder: string;
  readonly #writer: SlotWriter;
  /** Trends come before the columns around them: the slot after the one under way may have begun. */
  readonly #averages = [new SlotAverage(), new SlotAverage()] as const;
  #derivations: RegionDerivations = [];
  #isMissing = new Uint8Array();
  #streamStartMicros = 0;
  #isAgain = false;
  /** Of the newest column; a stream that has just begun has none yet. */
  #slot: number | undefined;
  #slotStreamMicros = 0;
  #writePeriod = -Infinity;
  #onDisk: Promise<Newest | undefined> | undefined;

  constructor({ profile, ...options }: BedStoreOptions) {
    this.#profile = bandProfile(profile);
    this.#folder = options.folder;
    this.#writer = new SlotWriter(options);
  }

  /** Another stream, or the same again. @param info after the montage: its channels are the derivations */
  begin(info: StreamInfo): void {
    this.#keepAll();
    for (const average of this.#averages) average.begin(undefined);
    this.#derivations = regionDerivations(info.channels.map(({ label }) => label));
    this.#isMissing = new Uint8Array(info.channels.length);
    this.#streamStartMicros = info.startTimeMicros;
    this.#writePeriod = -Infinity;
  }

  /** @param isAgain whether an earlier process has had it already */
  column({ profile, column, decibels }: ColumnFrame, isAgain: boolean): void {
    if (profile.name !== this.#profile.name) return;
    const timeMicros = this.#micros(columnSeconds(profile, column));
    const period = Math.floor(timeMicros / WRITE_MICROS);
    if (period !== this.#writePeriod) {
      this.#keepAll();
      this.#writePeriod = period;
    }
    this.#isAgain = isAgain;
    for (let d = 0; d < decibels.length; d++) this.#isMissing[d] = Number.isFinite(decibels[d]![0]) ? 0 : 1;
    this.#slot = slotOf(timeMicros);
    this.#slotStreamMicros = this.#streamStartMicros;
    this.#averageOf(this.#slot).addColumn(decibels, this.#derivations);
  }

  /** Comes after the column that it was made of. */
  trends(frame: TrendFrame): void {
    this.#averageOf(slotOf(this.#micros(frame.seconds))).addTrends(frame, this.#derivations, this.#isMissing);
  }

  /**
   * The newest hours of stream time, in as many columns at most.
   * @param hours up to 24, more than 0
   */
  async read(hours: number, maxColumns: number): Promise<Omit<BedHistory, 'bed'>> {
    this.#keepAll();
    const { name: profile, rowHz } = this.#profile;
    const newest = await this.#newest();
    const grid = columnGrid(hours, maxColumns, newest?.slot ?? 0);
    const columns = new HistoryColumns(grid, this.#profile);
    const fromMicros = grid.firstSlot * SLOT_MICROS;
    const columnSeconds = grid.slotsAColumn * SLOT_SECONDS;
    if (newest !== undefined) await this.#gather(grid.firstSlot, newest, columns);
    return {
      type: 'bedHistory',
      profile,
      rowHz,
      fromMicros: newest === undefined ? 0 : fromMicros,
      toMicros: newest === undefined ? 0 : fromMicros + grid.nColumns * columnSeconds * 1e6,
      columnSeconds,
      ...columns.finish(),
    };
  }

  /** Resolves when all that has come is with the system, or the disk refuses no more. */
  async written(): Promise<void> {
    this.#keepAll();
    await this.#writer.written();
  }

  /** Writes what there is. */
  async stop(): Promise<void> {
    this.#keepAll();
    await this.#writer.stop();
  }

  #micros(seconds: number): number {
    return this.#streamStartMicros + Math.round(seconds * 1e6);
  }

  /** What a slot is averaged in; where that is a new one, the older one of the two ends. */
  #averageOf(slot: number): SlotAverage {
    const [first, second] = this.#averages;
    if (first.slot === slot) return first;
    if (second.slot === slot) return second;
    const oldest = (first.slot ?? -Infinity) <= (second.slot ?? -Infinity) ? first : second;
    this.#keep(oldest);
    oldest.begin(slot);
    return oldest;
  }

  #keepAll(): void {
    for (const average of this.#averages) this.#keep(average);
  }

  #keep(average: SlotAverage): void {
    if (average.slot === undefined || !average.isChanged) return;
    const record = average.record(this.#profile.name, this.#streamStartMicros);
    this.#writer.put(average.slot, { record, isAgain: this.#isAgain });
  }

  async #newest(): Promise<Newest | undefined> {
    if (this.#slot === undefined) {
      const onDisk = await (this.#onDisk ??= this.#newestOnDisk());
      if (this.#slot === undefined) return onDisk;
    }
    return { slot: this.#slot, streamStartMicros: this.#slotStreamMicros };
  }

  /** Where an earlier process got to: not the latest slot where its stream had begun anew. */
  async #newestOnDisk(): Promise<Newest | undefined> {
    const pauses = new Pauses();
    let newest: SlotHead | undefined;
    for (const hour of await hoursIn(this.#folder)) {
      const recordOf = await readHour(this.#folder, hour);
      for (let slot = firstSlotOf(hour); slot < firstSlotOf(hour + 1); slot++) {
        if (pauses.isDue()) await pauses.take();
        const record = recordOf(slot);
        const head = record && readHead(record);
        if (head === undefined || head.nColumns === 0) continue;
        if (newest === undefined || head.writtenMs >= newest.writtenMs) newest = head;
      }
    }
    return newest;
  }

  async #gather(firstSlot: number, newest: Newest, columns: HistoryColumns): Promise<void> {
    const streamSlot = slotOf(newest.streamStartMicros);
    const pauses = new Pauses();
    // Taken first: what is written meanwhile is in one of the two.
    const waiting = this.#writer.waiting();
    for (let hour = hourOf(firstSlot); hour <= hourOf(newest.slot); hour++) {
      const recordOf = await readHour(this.#folder, hour);
      const end = Math.min(newest.slot + 1, firstSlotOf(hour + 1));
      for (let slot = Math.max(firstSlot, firstSlotOf(hour)); slot < end; slot++) {
        const found = better(recordOf(slot), waiting.get(slot));
        if (found === undefined || found.head.profile !== this.#profile.name) continue;
        // What another stream has after this one's beginning was there before this one began.
        if (slot > streamSlot && found.head.streamStartMicros !== newest.streamStartMicros) continue;
        columns.add(slot, found.record);
        if (pauses.isDue()) await pauses.take();
      }
    }
  }
}

/** What counts of a slot: the record on disk, or what is on its way there. */
function better(
  onDisk: Buffer | undefined,
  waiting: WaitingRecord | undefined,
): { readonly head: SlotHead; readonly record: Buffer } | undefined {
  const keptHead = onDisk && readHead(onDisk);
  const kept = keptHead && onDisk && { head: keptHead, record: onDisk };
  const head = waiting && readHead(waiting.record);
  if (waiting === undefined || head === undefined) return kept;
  return kept === undefined || replaces(head, kept.head, waiting.isAgain) ? { head, record: waiting.record } : kept;
}
