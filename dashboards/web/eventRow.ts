import { element, setText } from './element.js';
import { EventLabelLine } from './eventLabelLine.js';
import type { EventState, FeedEntry } from './eventFeed.js';
import { numberText } from './language.js';
import { durationText, momentText, sweepText } from './timeText.js';
import { eventWords } from './wordsEvents.js';

const MAXIMUM_LABELS = 4;
/** One event in the list: a button that picks it out on its tile. Updated in place as the chirp goes on. */
export class EventRow {
  readonly root = element('li', 'event');
  readonly #button = element('button', 'event-button');
  readonly #bed = element('span', 'event-bed');
  readonly #sweep = element('span', 'event-sweep');
  readonly #state = element('span', 'event-state');
  readonly #onset = element('span', 'event-onset');
  readonly #duration = element('span', 'event-duration');
  readonly #evidence = element('span', 'event-evidence');

  readonly #labels = new EventLabelLine();

  constructor(onPick: () => void) {
    this.#button.type = 'button';
    this.#button.append(this.#bed, this.#sweep, this.#state, this.#onset, this.#duration, this.#evidence);
    this.#button.addEventListener('click', onPick);
    this.root.append(this.#button, this.#labels.root);
    this.root.addEventListener('keydown', (event) => {
      if (!this.#labels.key(event)) return;
      // No key of the board, or of the bed's view.
      event.preventDefault();
      event.stopPropagation();
    });
  }

  update(entry: FeedEntry, chosen: boolean, state: EventState, serverTimeMicros: number): void {
    const words = eventWords();
    const { bed, event } = entry;
    const style = { utc: bed.isRecording(serverTimeMicros), todayMs: serverTimeMicros / 1000 };
    this.root.dataset['id'] = event.id;
    this.root.dataset['state'] = state;
    this.#button.setAttribute('aria-pressed', String(chosen));
    setText(this.#bed, event.bed);
    setText(this.#sweep, sweepText(event.startFrequencyHz, event.endFrequencyHz));
    setText(this.#state, words[state]);
    setText(this.#onset, words.onset(momentText(event.onsetTimeMicros / 1000, style)));
    const duration = durationText(event.offsetSeconds - event.onsetSeconds);
    setText(this.#duration, state === 'ended' ? words.lasted(duration) : words.soFar(duration));
    const labels = event.derivations.map(({ label }) => label);
    setText(this.#evidence, words.score(numberText(event.score, 2), derivationsText(labels)));
    this.#labels.update({ event, ...style });
  }
}

/** `2 derivations: F3-C3, F4-C4` */
export function derivationsText(labels: readonly string[]): string {
  const words = eventWords();
  const shown = `${labels.slice(0, MAXIMUM_LABELS).join(', ')}${labels.length > MAXIMUM_LABELS ? ', …' : ''}`;
  return labels.length === 1 ? words.derivation(shown) : words.derivations(labels.length, shown);
}
