import type { OpenAlarm } from '../../daemon/protocol/messages.js';
import { isCalling, signText } from './alarmState.js';
import { alarmSaid } from './alarmText.js';
import { element, setText } from './element.js';
import { setSaid } from './said.js';
import { speak } from './spoken.js';
import { durationText, momentText } from './timeText.js';
import { alarmWords } from './wordsAlarms.js';

/** One open alarm: how urgent, what, since when, and who has taken note. */
export class AlarmRow {
  readonly root = element('li', 'alarm');
  readonly #sign = element('strong', 'alarm-sign');
  readonly #bed = element('strong', 'alarm-bed');
  readonly #text = element('span', 'alarm-text');
  readonly #since = element('span', 'alarm-since');
  readonly #answer = element('span', 'alarm-answer');
  readonly #button = speak(element('button', 'tile-button alarm-button'), () => alarmWords().acknowledge);

  constructor(onAcknowledge: () => void) {
    this.#button.type = 'button';
    this.#button.addEventListener('click', onAcknowledge);
    const body = element('p', 'alarm-body');
    body.append(this.#bed, this.#text, ' ', this.#since, ' ', this.#answer);
    this.root.append(this.#sign, body, this.#button);
  }

  /**
   * @param serverTimeMs the daemon's clock, Unix milliseconds
   * @param isHeard false while the daemon cannot be told
   * @param whyNot why whoever sits here may not acknowledge; '' where they may
   */
  fill(alarm: OpenAlarm, serverTimeMs: number, isHeard: boolean, whyNot: string): void {
    const { text, detail } = alarmSaid(alarm);
    showState(this.root, alarm);
    this.root.dataset['code'] = alarm.code;
    this.root.dataset['id'] = alarm.id;
    setText(this.#sign, signText(alarm));
    // Most texts begin with the bed's name.
    this.#bed.hidden = alarm.bed === '' || text.includes(alarm.bed);
    setText(this.#bed, alarm.bed);
    const stored = alarm.isStored ? '' : ` (${alarmWords().notStored})`;
    setSaid(this.#text, { text: text + stored, detail });
    setText(this.#since, sinceText(alarm, serverTimeMs));
    setText(this.#answer, answerText(alarm, serverTimeMs));
    this.#answer.hidden = alarm.acknowledged === null;
    this.#button.hidden = alarm.acknowledged !== null;
    this.#button.disabled = !isHeard || whyNot !== '';
    if (this.#button.title !== whyNot) this.#button.title = whyNot;
    const label = [alarmWords().acknowledgeWhat(text), whyNot].filter((part) => part !== '').join('. ');
    if (this.#button.getAttribute('aria-label') !== label) this.#button.setAttribute('aria-label', label);
  }
}

/** What the style sheet looks at, on rows, tiles and counts. */
export function showState(root: HTMLElement, alarm: OpenAlarm | undefined): void {
  setData(root, 'alarm', alarm?.priority);
  setData(root, 'calling', alarm === undefined ? undefined : String(isCalling(alarm)));
}

/** Sets a data attribute only where it differs: setting it anew starts its animations anew. */
export function setData(root: HTMLElement, key: string, value: string | undefined): void {
  if (value === root.dataset[key]) return;
  if (value === undefined) Reflect.deleteProperty(root.dataset, key);
  else root.dataset[key] = value;
}

function sinceText({ raisedTimeMicros, endedTimeMicros }: OpenAlarm, serverTimeMs: number): string {
  const raisedMs = raisedTimeMicros / 1000;
  const moment = (ms: number): string => momentText(ms, { utc: false, todayMs: serverTimeMs });
  if (endedTimeMicros === undefined) {
    return alarmWords().since(moment(raisedMs), wholeSeconds(serverTimeMs - raisedMs));
  }
  const endedMs = endedTimeMicros / 1000;
  const length = wholeSeconds(endedMs - raisedMs);
  return alarmWords().over(moment(raisedMs), moment(endedMs), length, wholeSeconds(serverTimeMs - endedMs));
}

function wholeSeconds(ms: number): string {
  return durationText(Math.max(0, Math.round(ms / 1000))).replace(/^(\d)[.,]0 s$/, '$1 s');
}

function answerText({ acknowledged }: OpenAlarm, serverTimeMs: number): string {
  if (acknowledged === null) return '';
  const { name, note, timeMicros } = acknowledged;
  const time = momentText(timeMicros / 1000, { utc: false, todayMs: serverTimeMs });
  return alarmWords().acknowledged(name, time) + (note === '' ? '' : `: ${note}`);
}
