import { REASONS } from '../../daemon/client/reasons.js';
import type { SubscriberState } from '../../daemon/client/subscriber-options.js';
import type { OpenAlarm, ServerMessage } from '../../daemon/protocol/messages.js';
import { AlarmBar } from './alarmBar.js';
import { AlarmConnection, NOT_CONNECTED } from './alarmConnection.js';
import { postAcknowledgement } from './alarmDialog.js';
import { AlarmFlash } from './alarmFlash.js';
import { AlarmNotice } from './alarmNotice.js';
import { AlarmSleep } from './alarmSleep.js';
import { AlarmSoundBar } from './alarmSoundBar.js';
import { byBed, byUrgency } from './alarmState.js';
import { AlarmStore } from './alarmStore.js';
import { AlarmTab } from './alarmTab.js';

/** Silence that the connection's own watch, a timer, has not noticed yet: heartbeats. */
const SILENT_HEARTBEATS = 2;

/** All that the board does about alarms: list, tiles, tab and sound; those of the daemon, and the board's own. */
export class AlarmDesk {
  readonly #store = new AlarmStore();
  readonly #connection = new AlarmConnection();
  readonly #sleep = new AlarmSleep();
  readonly #sound = new AlarmSoundBar();
  readonly #tab = new AlarmTab();
  readonly #flash = new AlarmFlash();
  readonly #bar = new AlarmBar((alarm, name, note) => this.#acknowledge(alarm, name, note));
  readonly #notice = new AlarmNotice(() => {
    this.#store.forgetMissed();
  });
  #open: readonly OpenAlarm[] = [];
  #heardMs = 0;
  #heartbeatMs = Number.POSITIVE_INFINITY;
  /** The daemon's clock minus the monotonic one, milliseconds. */
  #serverOffsetMs = 0;

  /** Calls back each second while the page is in the background, where its own timers hardly come. */
  constructor(onTick: () => void) {
    const ticker = new Worker('alarmTicker.js');
    ticker.addEventListener('message', () => {
      if (document.hidden) onTick();
    });
  }

  /** The alarm that each bed's tile shows. */
  get byBed(): ReadonlyMap<string, OpenAlarm> {
    return byBed(this.#open);
  }

  /** @returns whether `update` should follow at once */
  take(message: ServerMessage, nowMs: number): boolean {
    this.#notSleeping(nowMs);
    this.#heardMs = nowMs;
    if (message.type === 'hello') this.#heartbeatMs = message.heartbeatSeconds * 1000;
    return this.#store.take(message, nowMs);
  }

  /**
   * @param state `sinceMs` by the daemon's clock
   * @param lostSince that moment as text; undefined while the daemon is heard
   * @param nowMs monotonic clock
   * @param serverTimeMs the daemon's clock, Unix milliseconds
   */
  update(state: SubscriberState, lostSince: string | undefined, nowMs: number, serverTimeMs: number): void {
    this.#notSleeping(nowMs);
    this.#serverOffsetMs = serverTimeMs - nowMs;
    const isSilent = nowMs - this.#heardMs > SILENT_HEARTBEATS * this.#heartbeatMs;
    const heard: SubscriberState =
      state.type === 'live' && isSilent ? { ...state, type: 'stale', reason: REASONS.silent } : state;
    this.#connection.update(heard, this.#store.open.length > 0, nowMs, serverTimeMs);
    const own = this.#connection.alarm;
    this.#open = [...(own === undefined ? [] : [own]), ...this.#store.open].sort(byUrgency);
    this.#sound.update(this.#open, nowMs);
    this.#bar.update(this.#open, serverTimeMs, lostSince);
    this.#store.noteShown(nowMs);
    this.#notice.update(this.#store.missed, serverTimeMs);
    this.#tab.update(this.#open);
    this.#flash.update(this.#open);
  }

  #notSleeping(nowMs: number): void {
    const sleptMs = this.#sleep.awake(nowMs, Date.now());
    // Reckoned from before it slept: the monotonic clock may have slept, too.
    if (sleptMs !== undefined) this.#notice.slept(this.#sleep.lastAwakeMs + this.#serverOffsetMs, sleptMs);
  }

  async #acknowledge(alarm: OpenAlarm, name: string, note: string): Promise<void> {
    if (alarm.code !== NOT_CONNECTED) return postAcknowledgement(alarm.id, name, note);
    const nowMs = performance.now();
    this.#connection.acknowledge(name, note, nowMs, nowMs + this.#serverOffsetMs);
  }
}
