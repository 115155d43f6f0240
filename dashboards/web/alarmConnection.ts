import type { SubscriberState } from '../../daemon/client/subscriber-options.js';
import type { OpenAlarm } from '../../daemon/protocol/messages.js';
import { plainText } from './said.js';
import { alarmWords } from './wordsAlarms.js';
import { withReason } from './wordsReasons.js';

/** A daemon that is silent for so little longer than it should be is no alarm yet. */
const GRACE_MS = 500;
/** A page that has just been opened. */
const FIRST_GRACE_MS = 3000;
const HIGH_AFTER_MS = 10_000;
/** An alarm that goes on comes back some time after it was acknowledged. */
const LAPSE_MS = 150_000;

export const NOT_CONNECTED = 'BOARD_NOT_CONNECTED';

/** The alarm that a board raises by itself, without the daemon: that it does not hear it. */
export class AlarmConnection {
  #alarm: OpenAlarm | undefined;
  /** Monotonic clock. */
  #unheardMs: number | undefined;
  #acknowledgedMs = 0;
  #nRaised = 0;
  #hasConnected = false;

  get alarm(): OpenAlarm | undefined {
    return this.#alarm;
  }

  /**
   * @param isAnyOpen whether the daemon had told of an open alarm
   * @param nowMs monotonic clock
   * @param serverTimeMs the daemon's clock, Unix milliseconds
   */
  update({ type, reason }: SubscriberState, isAnyOpen: boolean, nowMs: number, serverTimeMs: number): void {
    if (type === 'live') {
      this.#hasConnected = true;
      this.#unheardMs = undefined;
      this.#alarm = undefined;
      return;
    }
    this.#unheardMs ??= nowMs;
    const unheardForMs = nowMs - this.#unheardMs;
    if (this.#alarm === undefined && unheardForMs < (this.#hasConnected ? GRACE_MS : FIRST_GRACE_MS)) return;
    const priority = this.#alarm?.priority === 'high' || isAnyOpen || unheardForMs > HIGH_AFTER_MS ? 'high' : 'medium';
    const text = plainText(withReason(this.#hasConnected ? alarmWords().unheard : alarmWords().unreached, reason));
    const id = this.#alarm?.id ?? `board:${String(++this.#nRaised)}`;
    const raisedTimeMicros = this.#alarm?.raisedTimeMicros ?? (serverTimeMs - unheardForMs) * 1000;
    this.#alarm = {
      ...{ id, bed: '', code: NOT_CONNECTED, kind: 'technical', priority, raisedTimeMicros, text, isStored: true },
      acknowledged: this.#answer(priority, nowMs),
    };
  }

  /** Notes who has taken note, on this board alone. */
  acknowledge(name: string, note: string, nowMs: number, serverTimeMs: number): void {
    if (this.#alarm === undefined) return;
    this.#acknowledgedMs = nowMs;
    this.#alarm = { ...this.#alarm, acknowledged: { name, note, timeMicros: serverTimeMs * 1000 } };
  }

  /** An acknowledgement lapses with time, and when the alarm becomes more urgent. */
  #answer(priority: OpenAlarm['priority'], nowMs: number): OpenAlarm['acknowledged'] {
    if (this.#alarm === undefined || this.#alarm.priority !== priority) return null;
    return nowMs - this.#acknowledgedMs > LAPSE_MS ? null : this.#alarm.acknowledged;
  }
}
