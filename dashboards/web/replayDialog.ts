import type { ReplayableRecording } from '../../daemon/protocol/replay-messages.js';
import { element, setText } from './element.js';
import { numberText } from './language.js';
import { replayApi, type RecordedFile } from './replayApi.js';
import { secondsOf } from './replayTime.js';
import { speak } from './spoken.js';
import { clockText, dateText, durationText } from './timeText.js';
import { replayWords } from './wordsReplay.js';

const SPEEDS = [1, 2, 5, 10, 60, 'max'] as const;

/** Chooses a recording and begins its replay. Made when it is first needed. */
export class ReplayDialog {
  readonly #root = element('dialog', 'alarm-dialog replay-dialog');
  readonly #form = element('form', '');
  readonly #notice = element('p', 'replay-notice');
  readonly #list = element('ul', 'replay-list');
  readonly #file = element('input', '');
  readonly #speed = element('select', 'tile-select');
  readonly #from = element('input', '');
  readonly #trouble = element('p', 'alarm-trouble');
  readonly #start = element('button', 'tile-button alarm-submit');
  readonly #onBegun: (bed: string) => void;

  /** @param onBegun called with the bed of a replay that has begun */
  constructor(onBegun: (bed: string) => void) {
    this.#onBegun = onBegun;
    this.#build();
    document.body.append(this.#root);
  }

  open(): void {
    this.#file.value = '';
    this.#from.value = '';
    this.#start.disabled = false;
    setText(this.#trouble, '');
    this.#list.replaceChildren();
    setText(this.#notice, replayWords().looking);
    this.#root.showModal();
    this.#file.focus();
    void this.#fill();
  }

  #build(): void {
    const heading = speak(element('h2', ''), () => replayWords().heading);
    heading.id = 'replay-heading';
    this.#root.setAttribute('aria-labelledby', heading.id);
    Object.assign(this.#file, { id: 'replay-file', maxLength: 4096, autocomplete: 'off', spellcheck: false });
    Object.assign(this.#from, { id: 'replay-from', maxLength: 12, autocomplete: 'off', placeholder: '0:00:00' });
    this.#speed.id = 'replay-speed';
    for (const speed of SPEEDS) {
      const option = new Option(speed === 'max' ? '' : `×${String(speed)}`, String(speed));
      this.#speed.append(speed === 'max' ? speak(option, () => replayWords().fastest) : option);
    }
    this.#file.addEventListener('input', () => {
      this.#showMatching();
    });
    this.#start.type = 'submit';
    speak(this.#start, () => replayWords().start);
    const cancel = speak(element('button', 'tile-button'), () => replayWords().cancel);
    cancel.type = 'button';
    cancel.addEventListener('click', () => {
      this.#root.close();
    });
    this.#trouble.setAttribute('role', 'alert');
    this.#notice.setAttribute('role', 'status');
    const buttons = element('p', 'alarm-choices');
    buttons.append(cancel, this.#start);
    const choices = element('div', 'replay-choices');
    choices.append(
      row(() => replayWords().speed, this.#speed),
      row(() => replayWords().from, this.#from),
    );
    const file = row(() => replayWords().file, this.#file);
    this.#form.append(heading, file, this.#list, this.#notice, choices, this.#trouble, buttons);
    this.#form.noValidate = true;
    this.#root.append(this.#form);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#begin();
    });
    // Letters of a name are no keys of the board.
    this.#root.addEventListener('keydown', (event) => {
      event.stopPropagation();
    });
  }

  async #fill(): Promise<void> {
    try {
      const [{ isAllowed, recordings, isCut }, recorded] = await Promise.all([
        replayApi.replayable(),
        replayApi.recorded(),
      ]);
      const known = new Map(recorded.map((file) => [file.file, file]));
      // The newest first: that is what was seen a moment ago.
      const newest = recordings.toSorted((a, b) => b.modifiedTimeMicros - a.modifiedTimeMicros);
      this.#list.replaceChildren(...newest.map((one) => this.#entry(one, known.get(one.file))));
      const words = replayWords();
      const empty = isAllowed ? words.none : words.notAllowed;
      setText(this.#notice, recordings.length === 0 ? empty : isCut ? words.cut : '');
      this.#start.disabled = !isAllowed;
      this.#showMatching();
    } catch (error) {
      setText(this.#notice, replayWords().failed(error instanceof Error ? error.message : String(error)));
    }
  }

  #entry(recording: ReplayableRecording, recorded: RecordedFile | undefined): HTMLLIElement {
    const entry = element('li', '');
    const choose = element('button', 'replay-choose');
    choose.type = 'button';
    choose.dataset['file'] = recording.file;
    choose.append(
      element('span', 'replay-file', recording.file),
      element('span', 'replay-about', about(recording, recorded)),
    );
    choose.addEventListener('click', () => {
      this.#file.value = recording.file;
      for (const other of this.#list.querySelectorAll('button')) {
        other.setAttribute('aria-pressed', String(other === choose));
      }
    });
    choose.setAttribute('aria-pressed', 'false');
    entry.append(choose);
    return entry;
  }

  /** Of the list, what has in its name what somebody writes. */
  #showMatching(): void {
    const sought = this.#file.value.trim().toLowerCase();
    for (const entry of this.#list.children) {
      (entry as HTMLElement).hidden = !(entry.textContent?.toLowerCase().includes(sought) ?? false);
    }
  }

  async #begin(): Promise<void> {
    const words = replayWords();
    const file = this.#file.value.trim();
    const fromSeconds = this.#from.value.trim() === '' ? 0 : secondsOf(this.#from.value);
    if (file === '' || fromSeconds === undefined) {
      setText(this.#trouble, file === '' ? words.noFile : words.noTime);
      return;
    }
    const { value } = this.#speed;
    this.#start.disabled = true;
    try {
      const { bed } = await replayApi.begin({
        files: [file],
        speed: value === 'max' ? 'max' : Number(value),
        fromSeconds,
      });
      this.#root.close();
      this.#onBegun(bed);
    } catch (error) {
      setText(this.#trouble, words.notStarted(error instanceof Error ? error.message : String(error)));
    }
    this.#start.disabled = false;
  }
}

/** Of a file that the daemon has recorded, whose it is and when; of others, how large. */
function about({ sizeBytes, modifiedTimeMicros }: ReplayableRecording, recorded: RecordedFile | undefined): string {
  const words = replayWords();
  if (recorded === undefined) {
    const ms = modifiedTimeMicros / 1000;
    return words.size(numberText(sizeBytes / 1e6, 1), `${dateText(ms, false)} ${clockText(ms, false)}`);
  }
  const { bed = '', startTimeMicros, endTimeMicros, isOpen } = recorded;
  const from = `${dateText(startTimeMicros / 1000, true)} ${clockText(startTimeMicros / 1000, true)} UTC`;
  const length = durationText((endTimeMicros - startTimeMicros) / 1e6);
  return words.ofBed(bed, from, isOpen ? `${length}, ${words.isOpen}` : length);
}

function row(text: () => string, field: HTMLElement): HTMLLabelElement {
  const made = element('label', '');
  made.append(speak(element('span', ''), text), field);
  return made;
}
