import type {
  AlarmMessage,
  AlarmPriority,
  EventMessage,
  OpenAlarm,
  TimelineMessage,
} from '../../daemon/protocol/messages.js';
import { regionOf } from '../../daemon/protocol/region-of.js';
import type { Side } from './historyColumns.js';

/** More chirps than a bed has in a day that is full of them; the oldest go first. */
const MAXIMUM_CHIRPS = 20_000;
const MAXIMUM_OTHERS = 2000;

/** A chirp as a mark on hours. Times are Unix microseconds of the stream. */
export interface ChirpMark {
  readonly id: string;
  readonly onsetMicros: number;
  readonly offsetMicros: number;
  readonly startHz: number;
  readonly middleHz: number;
  readonly endHz: number;
  /** The sides that it was found on; both where its derivations lie on neither. */
  readonly sides: readonly Side[];
  readonly revision: number;
  /** Samples up to here tell of it: before, nobody knows of it. */
  readonly knownFromMicros: number;
  /** Samples up to here tell that it is another chirp's ridge. */
  readonly mergedFromMicros: number | undefined;
}

export interface GapMark {
  readonly fromMicros: number;
  readonly toMicros: number;
}

export interface AlarmMark {
  readonly id: string;
  readonly bed: string;
  readonly code: string;
  readonly priority: AlarmPriority;
  readonly text: string;
  readonly fromMicros: number;
  /** Undefined: it goes on. */
  readonly toMicros: number | undefined;
  readonly cursor: number;
}

/** What the timeline holds of one bed, as marks on a time axis: each once, in whichever order the tellings come. */
export class BedMarks {
  readonly alarms = new Map<string, AlarmMark>();
  readonly gaps = new Map<string, GapMark>();
  /** Rises whenever a mark is new or another. */
  version = 0;
  /** When its device was found again last; undefined where that is not known. */
  resumedMicros: number | undefined;
  readonly #chirps = new Map<string, ChirpMark>();

  take(message: TimelineMessage): void {
    switch (message.type) {
      case 'event':
        this.#takeChirp(message);
        break;
      case 'gap': {
        const { onsetTimeMicros: fromMicros, offsetTimeMicros: toMicros } = message;
        this.gaps.set(`${String(fromMicros)}+${String(toMicros)}`, { fromMicros, toMicros });
        dropOldest(this.gaps, MAXIMUM_OTHERS, (gap) => gap.fromMicros);
        break;
      }
      case 'alarm':
        this.#takeAlarm(message);
        break;
      case 'stream':
        if (message.what === 'resumed') this.resumedMicros = Math.max(message.timeMicros, this.resumedMicros ?? 0);
        return;
      default:
        return;
    }
    this.version++;
  }

  /** Takes an alarm that is open: it may have been raised before what was read, or the timeline may not have it yet. */
  takeOpen({ id, bed, code, priority, text, raisedTimeMicros, endedTimeMicros }: OpenAlarm): void {
    if (this.alarms.has(id)) return;
    const mark = { id, bed, code, priority, text, fromMicros: raisedTimeMicros, toMicros: endedTimeMicros, cursor: -1 };
    this.alarms.set(id, mark);
    this.version++;
  }

  /**
   * The chirps of a span that are known when the bed's clock stands at `clockMicros`: a recording that is replayed again
   * has its later ones in the timeline already.
   */
  chirpsIn(fromMicros: number, toMicros: number, clockMicros: number): ChirpMark[] {
    const found: ChirpMark[] = [];
    for (const chirp of this.#chirps.values()) {
      if (chirp.offsetMicros < fromMicros || chirp.onsetMicros > toMicros) continue;
      if (chirp.knownFromMicros > clockMicros || (chirp.mergedFromMicros ?? Infinity) <= clockMicros) continue;
      found.push(chirp);
    }
    return found.sort((a, b) => a.onsetMicros - b.onsetMicros);
  }

  clear(): void {
    this.#chirps.clear();
    this.gaps.clear();
    this.alarms.clear();
    this.resumedMicros = undefined;
    this.version++;
  }

  #takeChirp(message: EventMessage): void {
    const { id, revision, newestSampleTimeMicros, mergedInto } = message;
    const before = this.#chirps.get(id);
    const knownFromMicros = Math.min(newestSampleTimeMicros, before?.knownFromMicros ?? Infinity);
    const mergedFromMicros = mergedInto === undefined ? before?.mergedFromMicros : newestSampleTimeMicros;
    const isNewer = before === undefined || revision > before.revision;
    this.#chirps.set(id, { ...(isNewer ? markOf(message) : before), knownFromMicros, mergedFromMicros });
    dropOldest(this.#chirps, MAXIMUM_CHIRPS, (chirp) => chirp.onsetMicros);
  }

  #takeAlarm(message: AlarmMessage): void {
    const { id, bed, code, cursor, what, priority, text, timeMicros, raisedTimeMicros, endedTimeMicros } = message;
    const before = this.alarms.get(id);
    if (before !== undefined && before.cursor >= cursor) return;
    const toMicros = what === 'ended' || what === 'cleared' ? (endedTimeMicros ?? timeMicros) : undefined;
    this.alarms.set(id, { id, bed, code, cursor, priority, text, fromMicros: raisedTimeMicros, toMicros });
    dropOldest(this.alarms, MAXIMUM_OTHERS, (alarm) => alarm.fromMicros);
  }
}

function markOf(event: EventMessage): Omit<ChirpMark, 'knownFromMicros' | 'mergedFromMicros'> {
  const found = new Set(event.derivations.flatMap(({ label }) => regionOf(label) ?? []));
  return {
    id: event.id,
    revision: event.revision,
    onsetMicros: event.onsetTimeMicros,
    offsetMicros: event.offsetTimeMicros,
    startHz: event.startFrequencyHz,
    middleHz: event.middleFrequencyHz,
    endHz: event.endFrequencyHz,
    sides: found.size === 0 ? ['left', 'right'] : [...found],
  };
}

function dropOldest<Mark>(marks: Map<string, Mark>, maximum: number, timeOf: (mark: Mark) => number): void {
  if (marks.size <= maximum) return;
  // A tenth at once: looking for the oldest with every new one would cost more the more there are.
  const oldest = [...marks].sort(([, a], [, b]) => timeOf(a) - timeOf(b)).slice(0, maximum / 10);
  for (const [key] of oldest) marks.delete(key);
}
