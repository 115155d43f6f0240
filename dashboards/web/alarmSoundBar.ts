import type { OpenAlarm } from '../../daemon/protocol/messages.js';
import { AlarmPause, countdownText } from './alarmPause.js';
import { AlarmRounds } from './alarmRounds.js';
import { readSetting, writeSetting } from './browserSettings.js';
import { AlarmSound } from './alarmSound.js';
import { isCalling, WORDS } from './alarmState.js';
import { byId, setText } from './element.js';

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
    const say = (text: string, afterSeconds: number): number =>
      window.setTimeout(() => {
        setText(this.#check, text);
      }, afterSeconds * 1000);
    this.#checkTimers = [
      ...starts.map(({ priority, afterSeconds }) => say(`Sound check: ${WORDS[priority]}`, afterSeconds)),
      say('Sound check', seconds),
    ];
  }

  #endCheck(): void {
    for (const timer of this.#checkTimers) clearTimeout(timer);
    this.#checkTimers = [];
    setText(this.#check, 'Sound check');
  }

  #setVolume(): void {
    const percent = Math.min(100, Math.max(LEAST_VOLUME, Number(this.#volume.value) || 100));
    this.#sound.setVolume(percent / 100);
    writeSetting('chirpd.alarmVolume', String(percent));
  }

  #show(state: 'on' | 'off' | 'missing', pausedMs: number, isAnyCalling: boolean): void {
    this.#off.hidden = state === 'on';
    this.#off.disabled = state === 'missing';
    setText(
      this.#off,
      state === 'missing' ? 'This browser has no sound: alarms are silent' : 'Sound is off: click to switch it on',
    );
    this.#paused.hidden = pausedMs === 0;
    setText(this.#paused, pausedMs === 0 ? '' : `Sound paused on this board only: ${countdownText(pausedMs)}`);
    setText(this.#pauseButton, pausedMs > 0 ? 'Sound again' : 'Pause sound 2 min');
    this.#pauseButton.disabled = pausedMs === 0 && !isAnyCalling;
  }
}
