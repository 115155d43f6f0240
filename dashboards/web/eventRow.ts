import { element, setText } from './element.js';
import type { EventState, FeedEntry } from './eventFeed.js';
import { durationText, momentText, sweepText } from './timeText.js';

const MAXIMUM_LABELS = 4;
const STATE_TEXT: Record<EventState, string> = {
  running: 'Running',
  ended: 'Ended',
  unknown: 'Was running',
  unfinished: 'End not seen',
};

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

  constructor(onPick: () => void) {
    this.#button.type = 'button';
    this.#button.append(this.#bed, this.#sweep, this.#state, this.#onset, this.#duration, this.#evidence);
    this.#button.addEventListener('click', onPick);
    this.root.append(this.#button);
  }

  update(entry: FeedEntry, chosen: boolean, state: EventState, serverTimeMicros: number): void {
    const { bed, event } = entry;
    const style = { utc: bed.isRecording(serverTimeMicros), todayMs: serverTimeMicros / 1000 };
    this.root.dataset['id'] = event.id;
    this.root.dataset['state'] = state;
    this.#button.setAttribute('aria-pressed', String(chosen));
    setText(this.#bed, event.bed);
    setText(this.#sweep, sweepText(event.startFrequencyHz, event.endFrequencyHz));
    setText(this.#state, STATE_TEXT[state]);
    setText(this.#onset, `Onset ${momentText(event.onsetTimeMicros / 1000, style)}`);
    const duration = durationText(event.offsetSeconds - event.onsetSeconds);
    setText(this.#duration, state === 'ended' ? `Lasted ${duration}` : `${duration} so far`);
    const labels = event.derivations.map(({ label }) => label);
    setText(this.#evidence, `Score ${event.score.toFixed(2)} · ${derivationsText(labels)}`);
  }
}

function derivationsText(labels: readonly string[]): string {
  const count = `${String(labels.length)} ${labels.length === 1 ? 'derivation' : 'derivations'}`;
  const more = labels.length > MAXIMUM_LABELS ? ', …' : '';
  return `${count}: ${labels.slice(0, MAXIMUM_LABELS).join(', ')}${more}`;
}
