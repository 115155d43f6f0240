import type { AlarmPriority, OpenAlarm } from '../../daemon/protocol/messages.js';
import { AlarmPause, countdownText } from './alarmPause.js';
import { AlarmRounds } from './alarmRounds.js';
import { readSetting, writeSetting } from './browserSettings.js';
import { AlarmSound } from './alarmSound.js';
import { isCalling } from './alarmState.js';
import { byId, setText } from './element.js';
import { priorityWords, soundWords } from './wordsAlarms.js';

/** An alarm cannot be turned down to nothing. */
const LEAST_VOLUME = 20;

/** What is heard of the alarms on this board, and its controls: switch on, pause, check, volume. */
export class AlarmSoundBar {
  readonly #sound = new AlarmSound();
  readonly #rounds = new AlarmRounds();
  readonly #pause = new AlarmPause();
  readonly #off = byId('sound-off', HTMLButtonElement);
  readonly #paused = byId('sound-paused', HTMLElement);
  readonly #pauseButton = byId('sound-pause', HTMLButtonElement);
  readonly #check = byId('sound-check', HTMLButtonElement);
  readonly #volume = byId('sound-volume', HTMLInputElement);
  #alarms: readonly OpenAlarm[] = [];
  #checkTimers: readonly number[] = [];
  #checking: AlarmPriority | undefined;

  constructor() {
    this.#volume.value = readSetting('chirpd.alarmVolume') || this.#volume.value;
    this.#setVolume();
    this.#volume.addEventListener('input', () => {
      this.#setVolume();
    });
    this.#pauseButton.addEventListener('click', () => {
      if (this.#pause.remainingMs(performance.now()) > 0) this.#pause.end();
      else this.#pause.start(performance.now(), this.#alarms);
      this.update(this.#alarms, performance.now());
    });
    this.#check.addEventListener('click', () => {
      void this.#checkSound();
    });
    // Any gesture does: whoever works with the board has the sound on.
    for (const gesture of ['pointerdown', 'pointerup', 'keydown', 'click']) {
      addEventListener(gesture, () => {
        if (this.#sound.state(performance.now()) === 'off') void this.#switchOn();
      });
    }
  }

  /** @param nowMs monotonic clock */
  update(alarms: readonly OpenAlarm[], nowMs: number): void {
    this.#alarms = alarms;
    const state = this.#sound.state(nowMs);
    this.#pause.check(nowMs, alarms);
    const pausedMs = this.#pause.remainingMs(nowMs);
    this.#show(state, pausedMs, alarms.some(isCalling));
    if (state !== 'on') {
      // What nobody could hear sounds as soon as it can be heard.
      this.#rounds.reset();
      return;
    }
    const next = this.#rounds.next(pausedMs > 0 ? [] : alarms, nowMs);
    if (next === undefined) return;
    this.#endCheck();
    if (next === 'silence') this.#sound.stop();
    else this.#sound.play(next.priority, next.kind);
  }

  async #switchOn(): Promise<void> {
    await this.#sound.switchOn();
    this.update(this.#alarms, performance.now());
  }

  async #checkSound(): Promise<void> {
    await this.#sound.switchOn();
    this.#endCheck();
    const { starts, seconds } = this.#sound.check();
    const say = (priority: AlarmPriority | undefined, afterSeconds: number): number =>
      window.setTimeout(() => {
        this.#checking = priority;
        this.#showCheck();
      }, afterSeconds * 1000);
    this.#checkTimers = [
      ...starts.map(({ priority, afterSeconds }) => say(priority, afterSeconds)),
      say(undefined, seconds),
    ];
  }

  #endCheck(): void {
    for (const timer of this.#checkTimers) clearTimeout(timer);
    this.#checkTimers = [];
    this.#checking = undefined;
    this.#showCheck();
  }

  #showCheck(): void {
    const { check, checking } = soundWords();
    setText(this.#check, this.#checking === undefined ? check : checking(priorityWords()[this.#checking]));
  }

  #setVolume(): void {
    const percent = Math.min(100, Math.max(LEAST_VOLUME, Number(this.#volume.value) || 100));
    this.#sound.setVolume(percent / 100);
    writeSetting('chirpd.alarmVolume', String(percent));
  }

  #show(state: 'on' | 'off' | 'missing', pausedMs: number, isAnyCalling: boolean): void {
    this.#off.hidden = state === 'on';
    this.#off.disabled = state === 'missing';
    const words = soundWords();
    setText(this.#off, state === 'missing' ? words.missing : words.off);
    this.#showCheck();
    this.#paused.hidden = pausedMs === 0;
    setText(this.#paused, pausedMs === 0 ? '' : words.paused(countdownText(pausedMs)));
    setText(this.#pauseButton, pausedMs > 0 ? words.again : words.pause);
    this.#pauseButton.disabled = pausedMs === 0 && !isAnyCalling;
  }
}
