import { setImmediate as nextTurn } from 'node:timers/promises';
import { type BedInfo, type OpenAlarm, replayOf, type TimelineMessage } from '../../protocol/messages.js';
import type { Timeline } from '../../timeline/timeline.js';
import type { AlarmBoard } from '../alarm-board.js';
import { PATIENT_ALARM_CODES } from '../alarm-codes.js';
import { nowMicros, placeOf } from '../alarm-entry.js';
import type { AlarmRule } from './alarm-rule.js';
import { ChirpLog } from './chirp-log.js';
import { RuleWatch } from './rule-watch.js';

export interface PatientAlarmsOptions {
  readonly board: AlarmBoard;
  readonly timeline: Pick<Timeline, 'after' | 'newestCursor' | 'listen'>;
  readonly beds: () => readonly BedInfo[];
  readonly rulesOf: (bed: string) => readonly AlarmRule[];
  /** An acknowledged alarm that goes on asks again after this. */
  readonly repeatMinutes: number;
  /** A medium one that nobody acknowledges becomes high after this; 0: never. */
  readonly escalateMinutes: number;
  /** Between two looks. Default 500. */
  readonly everyMs?: number;
}

interface WatchedBed {
  readonly log: ChirpLog;
  rules: RuleWatch;
  /** Why its alarms may be over though their cause is not; until its rules have been looked at. */
  because?: string | undefined;
}

/** What is told of a bed's chirps with the bed. */
export type ChirpFigures = NonNullable<BedInfo['chirps']>;

/** Newest records that are read at the start: what 32 busy beds tell in an hour. */
const READ_BACK = 20_000;
const PAGE = 500;
const MICROS_PER_MINUTE = 60_000_000;
/** 10 s pieces of an hour. */
const PIECES_OF_HOUR = 360;

/**
 * Physiological alarms of the live beds: chirps of the last hour of each bed's stream against its rules. What chirps there
 * were comes from the timeline, so that a restart forgets nothing. Recordings that are replayed raise none.
 */
export class PatientAlarms {
  readonly #options: PatientAlarmsOptions;
  readonly #beds = new Map<string, WatchedBed>();
  /** Beds that are being taken away, and why: their alarms are over. */
  readonly #going = new Map<string, string>();
  #minutes: Pick<PatientAlarmsOptions, 'repeatMinutes' | 'escalateMinutes'>;
  #timer: NodeJS.Timeout | undefined;
  #unlisten: (() => void) | undefined;
  #isReady = false;

  constructor(options: PatientAlarmsOptions) {
    this.#options = options;
    this.#minutes = options;
  }

  /** Reads what the timeline holds, then begins to look. */
  async start(): Promise<void> {
    const { timeline, everyMs = 500 } = this.#options;
    this.#unlisten = timeline.listen((messages) => {
      this.#take(messages);
      this.look();
    });
    // What is told meanwhile is heard twice: a telling that is known changes nothing.
    for (let cursor = Math.max(0, timeline.newestCursor - READ_BACK); ;) {
      const page = timeline.after(cursor, PAGE);
      this.#take(page);
      if (page.length < PAGE) break;
      cursor = page.at(-1)!.cursor;
      await nextTurn();
    }
    this.#isReady = true;
    this.#timer = setInterval(() => {
      this.look();
    }, everyMs);
    this.look();
  }

  stop(): void {
    this.#isReady = false;
    clearInterval(this.#timer);
    this.#unlisten?.();
  }

  /** Brings the alarms up to each bed's clock. */
  look(): void {
    if (!this.#isReady) return;
    const { board, beds } = this.#options;
    const live = new Map(beds().flatMap((bed) => (bed.replay === undefined ? [[bed.bed, bed]] : [])));
    const isSeen = new Set<string>();
    const isLookedAt = new Set<string>();
    for (const { bed, state, newestTimeMicros } of live.values()) {
      // Nothing more comes: what was is over.
      if (state === 'ended' || this.#going.has(bed)) continue;
      // A bed that has not begun says nothing: neither that it goes on nor that it is over.
      if (newestTimeMicros === 0) {
        for (const code of PATIENT_ALARM_CODES) isSeen.add(placeOf({ code, bed }));
        continue;
      }
      const { log, rules } = this.#bed(bed);
      isLookedAt.add(bed);
      log.forgetBefore(newestTimeMicros);
      for (const { code, priority, text } of rules.step(log, newestTimeMicros)) {
        isSeen.add(placeOf({ code, bed }));
        board.raise({ code, bed, priority, text: `${bed}: ${text}` });
      }
    }
    for (const alarm of board.open()) {
      if (alarm.kind !== 'physiological') continue;
      if (!isSeen.has(placeOf(alarm))) board.end(alarm.code, alarm.bed, this.#becauseOf(alarm.bed));
      else this.#remind(alarm);
    }
    for (const bed of isLookedAt) this.#bed(bed).because = undefined;
  }

  /**
   * Takes the rules of a bed anew, in force at once. An open alarm whose rule is gone is over, says why, and stays until
   * somebody has acknowledged it, whatever its priority.
   * @param because for people: what has happened to the rules
   */
  rulesChanged(bed: string, because: string): void {
    const watched = this.#bed(bed);
    watched.rules = new RuleWatch(this.#options.rulesOf(bed), watched.rules);
    watched.because = because;
    this.look();
  }

  /** From now on. */
  setMinutes(minutes: Pick<PatientAlarmsOptions, 'repeatMinutes' | 'escalateMinutes'>): void {
    this.#minutes = minutes;
  }

  /**
   * A bed is about to be taken away: its alarms are over at once, say why, and stay until somebody has acknowledged them,
   * whatever their priority.
   */
  bedGoes(bed: string, because: string): void {
    this.#going.set(bed, because);
    this.look();
  }

  /** It is on the list no more: one that comes by its name is another. */
  bedGone(bed: string): void {
    this.#going.delete(bed);
    this.#beds.delete(bed);
  }

  /** Of a live bed, at its clock; undefined before it has begun. */
  figures({ bed, newestTimeMicros, replay }: BedInfo): ChirpFigures | undefined {
    if (newestTimeMicros === 0 || replay !== undefined) return undefined;
    const { log } = this.#bed(bed);
    return {
      nLastHour: log.nInHour(newestTimeMicros),
      burdenHour: log.burden(newestTimeMicros, undefined, PIECES_OF_HOUR),
      burdenFiveMinutes: log.burden(newestTimeMicros),
    };
  }

  /** What nobody has answered, or what goes on though somebody has. */
  #remind({ id, priority, acknowledged }: OpenAlarm): void {
    const { board } = this.#options;
    const { repeatMinutes, escalateMinutes } = this.#minutes;
    const sinceMicros = acknowledged?.timeMicros ?? board.askingMicros(id) ?? Infinity;
    const minutes = (nowMicros() - sinceMicros) / MICROS_PER_MINUTE;
    if (acknowledged !== null) {
      if (minutes >= repeatMinutes) board.askAgain(id);
    } else if (priority === 'medium' && escalateMinutes > 0 && minutes >= escalateMinutes) {
      board.askAgain(id, 'high');
    }
  }

  #becauseOf(bed: string): string | undefined {
    return this.#going.get(bed) ?? this.#beds.get(bed)?.because;
  }

  #take(messages: readonly TimelineMessage[]): void {
    for (const message of messages) {
      if (message.type === 'event' && replayOf(message) === undefined) this.#bed(message.bed).log.take(message);
    }
  }

  #bed(name: string): WatchedBed {
    const known = this.#beds.get(name);
    if (known !== undefined) return known;
    const bed: WatchedBed = { log: new ChirpLog(), rules: new RuleWatch(this.#options.rulesOf(name)) };
    this.#beds.set(name, bed);
    return bed;
  }
}
