import type { AlarmPreview, AlarmRule, PreviewedAlarm } from '../../daemon/protocol/alarm-rules.js';
import { previewRules } from './alarmRulesRequest.js';
import { AlarmRulesStrip } from './alarmRulesStrip.js';
import { alarmsText, plainNumber } from './alarmRulesText.js';
import { element, setText } from './element.js';
import { speak } from './spoken.js';
import { clockText, momentText } from './timeText.js';
import { previewWords } from './wordsAlarmRules.js';
import { priorityWords } from './wordsAlarms.js';

/** What is typed meanwhile is one question. */
const DEBOUNCE_MS = 300;
/** What comes while nobody types. */
const RENEW_MS = 60_000;
const MAX_LISTED = 200;

export interface PreviewOptions {
  /** What each rule would have done by itself; undefined while that is not known. */
  readonly onAlone: (perRule: AlarmPreview['perRule']) => void;
}

/** What the rules of the form would have done in the last 24 hours, beside those in force: asked of the daemon as they change. */
export class AlarmRulesPreview {
  readonly root = element('section', 'rules-preview');
  readonly #strip = new AlarmRulesStrip();
  readonly #state = element('p', 'rules-preview-state');
  readonly #these = element('dd', '');
  readonly #now = element('dd', '');
  readonly #chirps = element('dd', '');
  readonly #list = element('ol', 'rules-preview-list');
  readonly #details = element('details', '');
  readonly #figures = element('dl', 'rules-preview-figures');
  readonly #options: PreviewOptions;
  #bed = '';
  #rules: readonly AlarmRule[] = [];
  #isWhole = true;
  #utc = false;
  #preview: AlarmPreview | undefined;
  #isStale = false;
  #problem = '';
  #abort = new AbortController();
  #timer: number | undefined;

  constructor(options: PreviewOptions) {
    this.#options = options;
    const heading = speak(element('h3', ''), () => previewWords().heading);
    heading.id = 'rules-preview-heading';
    this.root.setAttribute('aria-labelledby', heading.id);
    this.#state.setAttribute('role', 'status');
    const word = (key: 'withThese' | 'inForce' | 'chirps'): HTMLElement =>
      speak(element('dt', `rules-lane-${key}`), () => previewWords()[key]);
    this.#figures.append(word('chirps'), this.#chirps, word('withThese'), this.#these, word('inForce'), this.#now);
    this.#details.append(
      speak(element('summary', ''), () => previewWords().list),
      this.#list,
    );
    const head = element('div', 'rules-preview-head');
    head.append(heading, this.#state);
    this.root.append(head, this.#figures, this.#strip.canvas, this.#details);
  }

  /** Of the rules in force that it compares with; undefined before there are any. */
  get etag(): string | undefined {
    return this.#preview?.inForce?.etag;
  }

  /** Begins with a bed. @param utc its times are a recording's */
  open(bed: string, utc: boolean): void {
    this.#bed = bed;
    this.#utc = utc;
    this.#preview = undefined;
    this.show();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  /** Asks what these would have done. @param isWhole false: some are left out, as they are not right yet */
  ask(rules: readonly AlarmRule[], isWhole: boolean): void {
    this.#rules = rules;
    this.#isWhole = isWhole;
    this.#isStale = true;
    this.#options.onAlone(undefined);
    this.#later(DEBOUNCE_MS);
    this.show();
  }

  show(): void {
    const words = previewWords();
    const preview = this.#preview;
    const isEmpty = preview?.toTimeMicros === 0;
    const hasPicture = preview !== undefined && !isEmpty;
    for (const part of [this.#figures, this.#strip.canvas, this.#details]) part.hidden = !hasPicture;
    this.root.dataset['stale'] = String(this.#isStale);
    setText(this.#state, this.#stateText(isEmpty));
    if (!hasPicture) return;
    const these = alarmsText(preview.alarms);
    const now = alarmsText(preview.inForce?.alarms ?? []);
    const isSame = JSON.stringify(preview.alarms) === JSON.stringify(preview.inForce?.alarms);
    setText(this.#these, isSame ? `${these}. ${words.same}` : these);
    setText(this.#now, now);
    const { nChirps = 0, chirps = [], gaps = [] } = preview;
    const count = nChirps === 1 ? words.oneChirp : words.chirpCount(plainNumber(nChirps));
    const drawn = nChirps > chirps.length ? [words.newestChirps(plainNumber(chirps.length))] : [];
    setText(this.#chirps, [count, ...drawn, ...(gaps.length > 0 ? [words.noSignal] : [])].join(', '));
    const label = words.strip(
      this.#moment(preview.fromTimeMicros),
      this.#moment(preview.toTimeMicros),
      these,
      now,
      count,
    );
    this.#strip.canvas.setAttribute('aria-label', label);
    this.#strip.show(
      preview,
      [words.chirps, words.withThese, words.inForce],
      (ms) => clockText(ms, this.#utc).slice(0, 5),
      this.#utc,
    );
    this.#showList(preview.alarms);
  }

  #stateText(isEmpty: boolean): string {
    const words = previewWords();
    if (this.#problem !== '') {
      return `${words.failed(this.#problem)}${this.#preview === undefined ? '' : ` ${words.stale}`}`;
    }
    if (this.#isStale) return words.busy;
    if (isEmpty) return words.nothing;
    return this.#isWhole ? '' : words.wrongFields;
  }

  #showList(alarms: readonly PreviewedAlarm[]): void {
    this.#details.hidden = alarms.length === 0;
    const words = previewWords();
    const rows = alarms.slice(-MAX_LISTED).map(({ onsetTimeMicros, offsetTimeMicros, priority, code }) => {
      const [from, to] = [this.#moment(onsetTimeMicros), this.#moment(offsetTimeMicros)];
      return element('li', '', words.alarm(from, to, priorityWords()[priority], words[code]));
    });
    const nMore = alarms.length - rows.length;
    if (nMore > 0) rows.unshift(element('li', '', words.more(plainNumber(nMore))));
    this.#list.replaceChildren(...rows);
  }

  #moment(timeMicros: number): string {
    const todayMs = (this.#preview?.toTimeMicros ?? timeMicros) / 1000;
    return momentText(timeMicros / 1000, { utc: this.#utc, todayMs });
  }

  #later(afterMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#ask(), afterMs);
  }

  async #ask(): Promise<void> {
    this.#abort.abort();
    const abort = new AbortController();
    this.#abort = abort;
    try {
      const preview = await previewRules(this.#bed, this.#rules, abort.signal);
      if (abort.signal.aborted) return;
      this.#preview = preview;
      this.#problem = '';
      this.#isStale = false;
      this.#options.onAlone(preview.perRule);
    } catch (error) {
      if (abort.signal.aborted) return;
      this.#problem = error instanceof Error ? error.message : String(error);
      this.#isStale = true;
    }
    this.#later(this.#problem === '' ? RENEW_MS : RENEW_MS / 12);
    this.show();
  }
}
