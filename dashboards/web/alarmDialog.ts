import type { OpenAlarm } from '../../daemon/protocol/messages.js';
import { NAME_SETTING, readSetting, writeSetting } from './browserSettings.js';
import { signText } from './alarmState.js';
import { alarmSaid } from './alarmText.js';
import { byId } from './element.js';
import { onLanguage } from './language.js';
import { setSaid, type Said } from './said.js';
import { alarmWords } from './wordsAlarms.js';

const NOTHING: Said = { text: '', detail: '' };

/** Tells whoever keeps the alarm that somebody has taken note. @throws Error with the reason where that fails */
export type Acknowledge = (alarm: OpenAlarm, name: string, note: string) => Promise<void>;

/** Somebody else has acknowledged the alarm a moment before. */
class AnsweredBefore extends Error {
  readonly firstName: string;

  constructor(firstName: string) {
    super(`acknowledged by ${firstName}`);
    this.firstName = firstName;
  }
}

/** Asks who acknowledges an alarm, and what they have to say. The name is kept for the next time. */
export class AlarmDialog {
  readonly #root = byId('alarm-dialog', HTMLDialogElement);
  readonly #what = byId('alarm-dialog-what', HTMLElement);
  readonly #name = byId('alarm-name', HTMLInputElement);
  readonly #note = byId('alarm-note', HTMLInputElement);
  readonly #trouble = byId('alarm-trouble', HTMLElement);
  readonly #submit = byId('alarm-submit', HTMLButtonElement);
  readonly #acknowledge: Acknowledge;
  #alarm: OpenAlarm | undefined;
  #said = (): Said => NOTHING;

  constructor(acknowledge: Acknowledge) {
    this.#acknowledge = acknowledge;
    onLanguage(() => {
      this.#show();
    });
    byId('alarm-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#send();
    });
    // Letters of a name are no keys of the board.
    this.#root.addEventListener('keydown', (event) => {
      event.stopPropagation();
    });
    byId('alarm-cancel', HTMLButtonElement).addEventListener('click', () => {
      this.#root.close();
    });
  }

  open(alarm: OpenAlarm): void {
    this.#alarm = alarm;
    this.#say(() => NOTHING);
    this.#name.value = readSetting(NAME_SETTING);
    this.#note.value = '';
    this.#submit.disabled = false;
    this.#root.showModal();
    (this.#name.value === '' ? this.#name : this.#note).focus();
  }

  /** Says so where the alarm is over, or somebody else was faster. */
  update(alarms: readonly OpenAlarm[]): void {
    if (!this.#root.open || this.#submit.disabled) return;
    const now = alarms.find(({ id }) => id === this.#alarm?.id);
    if (now !== undefined) this.#alarm = now;
    this.#show();
    if (now?.acknowledged === null) return;
    this.#submit.disabled = true;
    const by = now?.acknowledged.name;
    this.#say(() => {
      const text = by === undefined ? alarmWords().isOver : alarmWords().acknowledgedBy(by);
      return { text, detail: '' };
    });
  }

  /** Says what keeps it from being acknowledged; in another language, too, once that is chosen. */
  #say(said: () => Said): void {
    this.#said = said;
    this.#show();
  }

  #show(): void {
    if (this.#alarm === undefined) return;
    const { text, detail } = alarmSaid(this.#alarm);
    setSaid(this.#what, { text: `${signText(this.#alarm)}: ${text}`, detail });
    setSaid(this.#trouble, this.#said());
  }

  async #send(): Promise<void> {
    const name = this.#name.value.trim();
    if (name === '' || this.#alarm === undefined) return;
    writeSetting(NAME_SETTING, name);
    this.#submit.disabled = true;
    try {
      await this.#acknowledge(this.#alarm, name, this.#note.value.trim());
      this.#root.close();
    } catch (error) {
      if (error instanceof AnsweredBefore) {
        const { firstName } = error;
        this.#say(() => ({ text: alarmWords().acknowledgedBy(firstName), detail: '' }));
        return;
      }
      const detail = error instanceof Error ? error.message : String(error);
      this.#say(() => ({ text: alarmWords().notAcknowledged, detail }));
      this.#submit.disabled = false;
    }
  }
}

/** `POST /v1/alarms/{id}/acknowledge`. @throws Error with what the daemon says, or who was first */
export async function postAcknowledgement(id: string, name: string, note: string): Promise<void> {
  const response = await fetch(`/v1/alarms/${encodeURIComponent(id)}/acknowledge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, note }),
    signal: AbortSignal.timeout(10_000),
    // It must not wait behind what is read of the past.
    priority: 'high',
  });
  if (response.ok) {
    const { acknowledged } = ((await response.json()) as { readonly alarm: OpenAlarm }).alarm;
    if (acknowledged === null || (acknowledged.name === name && acknowledged.note === note)) return;
    throw new AnsweredBefore(acknowledged.name);
  }
  const { error } = (await response.json()) as { readonly error: { readonly message: string } };
  throw new Error(error.message);
}
