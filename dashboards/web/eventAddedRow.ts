import { element, setText } from './element.js';
import { labelDesk } from './eventLabelDesk.js';
import type { AddedEntry } from './eventFeed.js';
import { addedSweepText, LABEL_SIGNS } from './eventLabelText.js';
import { LabelUndo } from './eventLabelUndo.js';
import { derivationsText } from './eventRow.js';
import { durationText, momentText } from './timeText.js';
import { eventWords } from './wordsEvents.js';
import { labelWords } from './wordsLabels.js';

/** One thing in the list that a person has marked: a button that leads to its EEG, and the way to take it back. */
export class EventAddedRow {
  readonly root = element('li', 'event');
  readonly #button = element('button', 'event-button');
  readonly #bed = element('span', 'event-bed');
  readonly #what = element('span', 'event-sweep');
  readonly #state = element('span', 'event-state');
  readonly #onset = element('span', 'event-onset');
  readonly #duration = element('span', 'event-duration');
  readonly #evidence = element('span', 'event-evidence');
  readonly #note = element('span', 'event-label-said');
  readonly #undo = new LabelUndo(() => {
    // This row goes: the one beside it gets the focus.
    const next = this.#next;
    return () => {
      next?.focus();
    };
  });

  constructor(onPick: () => void) {
    this.root.dataset['state'] = 'added';
    this.#button.type = 'button';
    this.#button.append(this.#bed, this.#what, this.#state, this.#onset, this.#duration, this.#evidence);
    this.#button.addEventListener('click', onPick);
    const line = element('div', 'event-label');
    line.append(this.#note, this.#undo.trouble, this.#undo.button);
    this.root.append(this.#button, line);
    this.root.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.key.toLowerCase() !== 'u') return;
      if (!this.#undo.press()) return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  update({ bed, label }: AddedEntry, chosen: boolean, serverTimeMicros: number): void {
    const words = eventWords();
    const style = { utc: bed.isRecording(serverTimeMicros), todayMs: serverTimeMicros / 1000 };
    const { id, text, name, note, derivations, onsetTimeMicros, offsetTimeMicros } = label;
    this.root.dataset['id'] = id;
    this.#button.setAttribute('aria-pressed', String(chosen));
    setText(this.#bed, bed.name);
    setText(this.#what, `${LABEL_SIGNS.added} ${text}`);
    setText(this.#state, labelWords().marked);
    setText(this.#onset, words.onset(momentText(onsetTimeMicros / 1000, style)));
    setText(this.#duration, words.lasted(durationText((offsetTimeMicros - onsetTimeMicros) / 1e6)));
    const where = derivations.length === 0 ? [] : [derivationsText(derivations)];
    setText(this.#evidence, [...addedSweepText(label), ...where].join(' · '));
    setText(this.#note, labelWords().markedBy(name) + (note === '' ? '' : `: ${note}`));
    this.#undo.update(labelDesk.isOwn(label) ? label : undefined);
  }

  get #next(): HTMLElement | undefined {
    const beside = this.root.nextElementSibling ?? this.root.previousElementSibling;
    return beside?.querySelector<HTMLElement>('.event-button') ?? undefined;
  }
}
