import type { ReplayChange, ReplayInfo } from '../../daemon/protocol/replay-messages.js';
import { element, setText } from './element.js';
import { replayDesk } from './replayDesk.js';
import { placeText, secondsOf } from './replayTime.js';
import { speak } from './spoken.js';
import { clockText, dateText } from './timeText.js';
import { replayWords } from './wordsReplay.js';

const SPEEDS = [1, 2, 5, 10, 60, 'max'] as const;
const STEP_SECONDS = 10;

/** Steers the replay of one bed, and shows where it is: also when somebody else steers it. */
export class ReplayBar {
  readonly root = element('div', 'replay-bar');
  readonly #id: string;
  readonly #toStart = button('|◀', () => replayWords().toStart);
  readonly #play = element('button', 'tile-button replay-button replay-play');
  readonly #toEnd = button('▶|', () => replayWords().toEnd);
  readonly #slider = element('input', 'replay-slider');
  readonly #place = element('span', 'replay-place');
  readonly #speed = element('select', 'tile-select replay-speed');
  readonly #seek = element('form', 'replay-seek');
  readonly #time = element('input', 'replay-time');
  readonly #close = button('✕', () => replayWords().close);
  readonly #trouble = element('span', 'replay-trouble');
  #info: ReplayInfo | undefined;
  /** Somebody has hold of the slider: it does not run away under the finger. */
  #isHeld = false;

  /** @param id of the replay */
  constructor(id: string, bed: string) {
    this.#id = id;
    this.root.setAttribute('role', 'group');
    speak(this.root, () => replayWords().controls(bed), 'aria-label');
    speak(this.root, () => replayWords().keys, 'title');
    this.#play.type = 'button';
    Object.assign(this.#slider, { type: 'range', min: '0', step: '1' });
    speak(this.#slider, () => replayWords().position, 'aria-label');
    this.#speed.append(...SPEEDS.map((speed) => new Option(speedText(speed), String(speed))));
    speak(this.#speed, () => replayWords().speed, 'aria-label');
    Object.assign(this.#time, { type: 'text', size: 8, maxLength: 12, autocomplete: 'off' });
    speak(this.#time, () => replayWords().seekAt, 'aria-label');
    speak(this.#time, () => replayWords().seekAt, 'title');
    speak(this.#time, () => replayWords().seek, 'placeholder');
    this.#seek.append(this.#time);
    this.#trouble.setAttribute('role', 'alert');
    this.root.append(
      this.#toStart,
      this.#play,
      this.#toEnd,
      this.#slider,
      this.#place,
      this.#seek,
      this.#speed,
      this.#close,
    );
    this.root.append(this.#trouble);
    this.#listen();
  }

  /** Brings it up to date. */
  refresh(): void {
    const info = replayDesk.info(this.#id);
    this.#info = info;
    this.root.dataset['state'] = info?.state ?? 'unknown';
    for (const control of [this.#toStart, this.#play, this.#toEnd, this.#slider, this.#time, this.#speed, this.#close])
      control.disabled = info === undefined;
    if (info === undefined) return;
    const { state, speed, durationSeconds, positionSeconds } = info;
    const isRunning = state === 'playing' || state === 'starting';
    setText(this.#play, isRunning ? '❚❚' : '▶');
    const name = isRunning ? replayWords().pause : replayWords().play;
    if (this.#play.getAttribute('aria-label') !== name) {
      this.#play.setAttribute('aria-label', name);
      this.#play.title = name;
    }
    this.#speed.disabled = isOver(info);
    this.#showSpeed(speed);
    this.#toEnd.disabled = durationSeconds === null;
    this.#slider.disabled = durationSeconds === null;
    this.#slider.max = String(Math.ceil(durationSeconds ?? 0));
    if (!this.#isHeld) this.#slider.value = String(Math.round(positionSeconds));
    this.#showPlace(this.#isHeld ? Number(this.#slider.value) : positionSeconds);
  }

  /** @returns whether the key meant something */
  key({ key, ctrlKey, altKey, metaKey, target }: KeyboardEvent): boolean {
    if (ctrlKey || altKey || metaKey || this.#info === undefined) return false;
    if (target === this.#time || target === this.#speed) return false;
    // The slider takes Home and End as they are meant here: to the start and to the end.
    const position = this.#info.positionSeconds;
    switch (key.toLowerCase()) {
      case 'k':
        this.#toggle();
        return true;
      case 'j':
        this.#goTo(position - STEP_SECONDS);
        return true;
      case 'l':
        this.#goTo(position + STEP_SECONDS);
        return true;
      case '[':
        this.#stepSpeed(-1);
        return true;
      case ']':
        this.#stepSpeed(1);
        return true;
      case 'home':
        this.#goTo(0);
        return true;
      case 'end':
        this.#goToEnd();
        return true;
      default:
        return false;
    }
  }

  #listen(): void {
    this.#toStart.addEventListener('click', () => {
      this.#goTo(0);
    });
    this.#toEnd.addEventListener('click', () => {
      this.#goToEnd();
    });
    this.#play.addEventListener('click', () => {
      this.#toggle();
    });
    this.#slider.addEventListener('input', () => {
      this.#isHeld = true;
      this.#showPlace(Number(this.#slider.value));
    });
    this.#slider.addEventListener('change', () => {
      this.#isHeld = false;
      this.#goTo(Number(this.#slider.value));
    });
    this.#speed.addEventListener('change', () => {
      const { value } = this.#speed;
      this.#change({ speed: value === 'max' ? 'max' : Number(value) });
    });
    this.#seek.addEventListener('submit', (event) => {
      event.preventDefault();
      const seconds = secondsOf(this.#time.value);
      if (seconds === undefined) {
        setText(this.#trouble, replayWords().noTime);
        return;
      }
      this.#time.value = '';
      this.#goTo(seconds);
    });
    this.#close.addEventListener('click', () => {
      void this.#tell(() => replayDesk.stop(this.#id));
    });
    this.root.addEventListener('keydown', (event) => {
      if (this.key(event)) event.preventDefault();
      // Letters of a time, and what steers a replay, are no keys of the board.
      if (event.key !== 'Escape' && event.key !== 'Tab') event.stopPropagation();
    });
  }

  #toggle(): void {
    const info = this.#info;
    if (info === undefined) return;
    // One that is over begins again.
    if (isOver(info)) this.#change({ seekSeconds: 0, paused: false });
    else this.#change({ paused: info.state !== 'paused' });
  }

  #goToEnd(): void {
    const duration = this.#info?.durationSeconds ?? null;
    if (duration !== null) this.#goTo(duration - STEP_SECONDS);
  }

  #goTo(seconds: number): void {
    const duration = this.#info?.durationSeconds ?? null;
    const most = duration === null ? Infinity : Math.max(0, duration - 1);
    this.#change({ seekSeconds: Math.min(most, Math.max(0, seconds)) });
  }

  #stepSpeed(step: 1 | -1): void {
    const speed = this.#info?.speed ?? 1;
    const faster = SPEEDS.filter((one) => valueOf(one) > valueOf(speed));
    const slower = SPEEDS.filter((one) => valueOf(one) < valueOf(speed));
    const next = step === 1 ? faster[0] : slower.at(-1);
    if (next !== undefined) this.#change({ speed: next });
  }

  #change(change: ReplayChange): void {
    void this.#tell(() => replayDesk.change(this.#id, change));
  }

  async #tell(act: () => Promise<void>): Promise<void> {
    try {
      await act();
      setText(this.#trouble, '');
    } catch (error) {
      setText(this.#trouble, replayWords().changeFailed(error instanceof Error ? error.message : String(error)));
    }
    this.refresh();
  }

  #showSpeed(speed: number | 'max'): void {
    const value = String(speed);
    if (this.#speed.value === value || document.activeElement === this.#speed) return;
    // Another one that a program has chosen.
    if (![...this.#speed.options].some((option) => option.value === value)) {
      this.#speed.append(new Option(speedText(speed), value));
    }
    this.#speed.value = value;
  }

  #showPlace(seconds: number): void {
    const info = this.#info;
    if (info === undefined) return;
    const words = replayWords();
    const ms = info.startTimeMicros / 1000 + seconds * 1000;
    const clock = `${dateText(ms, true)} ${clockText(ms, true)} UTC`;
    const length = info.durationSeconds === null ? words.unknownLength : placeText(info.durationSeconds);
    setText(this.#place, `${placeText(seconds)} / ${length}`);
    const title = words.positionText(placeText(seconds), length, clock);
    this.#place.title = title;
    this.#slider.setAttribute('aria-valuetext', title);
  }
}

function isOver({ state }: ReplayInfo): boolean {
  return state === 'ended' || state === 'failed';
}

function valueOf(speed: number | 'max'): number {
  return speed === 'max' ? Infinity : speed;
}

function speedText(speed: number | 'max'): string {
  return speed === 'max' ? 'max' : `×${String(speed)}`;
}

function button(sign: string, name: () => string): HTMLButtonElement {
  const made = element('button', 'tile-button replay-button', sign);
  made.type = 'button';
  speak(made, name, 'aria-label');
  return speak(made, name, 'title');
}
