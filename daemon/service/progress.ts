import type { BedInfo, OpenAlarm } from '../protocol/messages.js';

/** What a daemon shows of its work at one moment. */
export interface DaemonLook {
  readonly beds: readonly BedInfo[];
  /** Open alarms, after a look at what is wrong now. */
  readonly alarms: readonly Pick<OpenAlarm, 'code' | 'text'>[];
  /** Undefined before it has been started. */
  readonly model?: { readonly nBatches: number; readonly nWaiting: number } | undefined;
  readonly timeline: { readonly cursor: number; readonly nWaiting: number };
}

export interface ProgressOptions {
  /** How long a bed may be silent while it counts as streaming, by name: past that its adapter should have noticed. */
  readonly silenceMs: Pick<ReadonlyMap<string, number>, 'get'>;
}

/** Inference, the timeline and a bed that is opened may stand still for so long. */
const STILL_MS = 120_000;
/** Of a bed that is neither streaming nor says what it waits for. */
const OPENING_MS = 300_000;
/** What such a bed says. */
const OPENING: ReadonlySet<string> = new Set(['opening', 'going on where it was before the restart']);

/**
 * Knows whether the daemon gets on with its work. What it says is a fault of the daemon itself, of the kind that a restart
 * mends: whatever is known to be wrong outside, and is an alarm and tried again, is none.
 */
export class Progress {
  readonly #silenceMs: ProgressOptions['silenceMs'];
  readonly #opening = new Map<string, number>();
  readonly #inference = new Stillness();
  readonly #timeline = new Stillness();

  constructor({ silenceMs }: ProgressOptions) {
    this.#silenceMs = silenceMs;
  }

  /**
   * Look every few seconds: some of it shows only between two looks.
   * @param nowMs monotonic
   * @returns why the daemon stands still; '' while it does not
   */
  problem(look: DaemonLook, nowMs: number): string {
    const alarms = new Set(look.alarms.map(({ code }) => code));
    return (
      this.#ofBeds(look.beds, nowMs) ||
      this.#ofInference(look, alarms, nowMs) ||
      this.#ofTimeline(look.timeline, alarms, nowMs)
    );
  }

  #ofBeds(beds: readonly BedInfo[], nowMs: number): string {
    // What becomes of a replay is no fault of the daemon.
    const watched = beds.filter(({ replay }) => replay === undefined);
    for (const { bed, state, stateText, newestAgeMs } of watched) {
      const limitMs = this.#silenceMs.get(bed) ?? STILL_MS;
      if (state === 'streaming' && newestAgeMs > limitMs) {
        return `${bed} neither streams nor reconnects: no sample for ${seconds(newestAgeMs)}`;
      }
      if (state !== 'starting' || !OPENING.has(stateText)) {
        this.#opening.delete(bed);
        continue;
      }
      const sinceMs = this.#opening.get(bed) ?? nowMs;
      this.#opening.set(bed, sinceMs);
      if (nowMs - sinceMs > OPENING_MS) return `${bed} has been opening for ${seconds(nowMs - sinceMs)}`;
    }
    return '';
  }

  #ofInference({ model }: DaemonLook, alarms: ReadonlySet<string>, nowMs: number): string {
    if (model === undefined) return '';
    const isBusy = model.nWaiting > 0 && !alarms.has('MODEL_NOT_RUNNING');
    const stillMs = this.#inference.stillMs(isBusy, model.nBatches, nowMs);
    return stillMs > STILL_MS
      ? `the model has answered nothing for ${seconds(stillMs)}, and nothing is known to be wrong with it`
      : '';
  }

  #ofTimeline({ cursor, nWaiting }: DaemonLook['timeline'], alarms: ReadonlySet<string>, nowMs: number): string {
    const isBusy = nWaiting > 0 && !alarms.has('TIMELINE_REFUSES');
    const stillMs = this.#timeline.stillMs(isBusy, cursor, nowMs);
    return stillMs > STILL_MS ? `the timeline has taken nothing for ${seconds(stillMs)}, and does not say why` : '';
  }
}

/** How long something that has work to do has not got on with it. */
class Stillness {
  #done = -1;
  #sinceMs = 0;

  stillMs(isBusy: boolean, done: number, nowMs: number): number {
    if (!isBusy || done !== this.#done) {
      this.#done = done;
      this.#sinceMs = nowMs;
    }
    return nowMs - this.#sinceMs;
  }
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
