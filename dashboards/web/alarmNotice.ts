import type { AlarmMessage } from '../../daemon/protocol/messages.js';
import { SHAPES } from './alarmState.js';
import { alarmText } from './alarmText.js';
import { byId, element, setText } from './element.js';
import { durationText, momentText } from './timeText.js';
import { alarmWords, priorityWords } from './wordsAlarms.js';

/** Of missed alarms that are written out. */
const MOST_LISTED = 10;

/** `asleep from 14:03:22 to 14:06:27 (3 min 5 s)`. @param fromMs the daemon's clock, Unix milliseconds */
export function sleptText(fromMs: number, sleptMs: number): string {
  const [from, to] = [fromMs, fromMs + sleptMs].map((ms) => momentText(ms, { utc: false, todayMs: fromMs + sleptMs }));
  return alarmWords().slept(from!, to!, durationText(sleptMs / 1000));
}

/** What came and went unseen. @param serverTimeMs the daemon's clock, Unix milliseconds */
export function missedTexts(missed: readonly AlarmMessage[], serverTimeMs: number): readonly string[] {
  const texts = missed.slice(-MOST_LISTED).map((alarm) => {
    const [from, to] = [alarm.raisedTimeMicros, alarm.timeMicros].map((micros) =>
      momentText(micros / 1000, { utc: false, todayMs: serverTimeMs }),
    );
    const sign = `${SHAPES[alarm.priority]} ${priorityWords()[alarm.priority]}`;
    return alarmWords().missed(sign, from!, to!, alarmText(alarm));
  });
  const nMore = missed.length - texts.length;
  return nMore > 0 ? [...texts, alarmWords().moreMissed(nMore)] : texts;
}

/** What happened while this board could not know it. Stands until somebody has seen it. */
export class AlarmNotice {
  readonly #root = byId('alarm-notice', HTMLElement);
  readonly #text = byId('alarm-notice-text', HTMLElement);
  readonly #list = byId('alarm-missed', HTMLUListElement);
  #slept: { readonly fromMs: number; readonly sleptMs: number } | undefined;
  #shown = '';

  constructor(onSeen: () => void) {
    byId('alarm-notice-seen', HTMLButtonElement).addEventListener('click', () => {
      this.#slept = undefined;
      onSeen();
      this.update([], 0);
    });
  }

  slept(fromMs: number, sleptMs: number): void {
    this.#slept = { fromMs, sleptMs };
  }

  update(missed: readonly AlarmMessage[], serverTimeMs: number): void {
    const texts = missedTexts(missed, serverTimeMs);
    this.#root.hidden = this.#slept === undefined && texts.length === 0;
    const slept = this.#slept === undefined ? '' : sleptText(this.#slept.fromMs, this.#slept.sleptMs);
    const came = texts.length === 0 ? '' : alarmWords().cameAndWent;
    setText(this.#text, [slept, came].filter((text) => text !== '').join(' '));
    if (texts.join('\n') === this.#shown) return;
    this.#shown = texts.join('\n');
    this.#list.replaceChildren(...texts.map((text) => element('li', '', text)));
  }
}
