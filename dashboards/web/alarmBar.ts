import type { OpenAlarm } from '../../daemon/protocol/messages.js';
import { byId, element, setText } from './element.js';
import { clockText, durationText } from './timeText.js';

const NAME_KEY = 'chirpd.acknowledgedBy';
/** Shape and word beside the colour: no glance depends on telling colours apart. */
const SIGNS = { high: '▲ High', medium: '◆ Medium', low: '● Low' } as const;

interface Row {
  readonly root: HTMLLIElement;
  readonly sign: HTMLElement;
  readonly text: HTMLElement;
  readonly since: HTMLElement;
  readonly state: HTMLElement;
  readonly button: HTMLButtonElement;
}

/** The line of open technical alarms under the top of the page: what, how urgent, since when, and who has taken note. */
export class AlarmBar {
  readonly #root = byId('alarms', HTMLElement);
  readonly #list = byId('alarm-list', HTMLUListElement);
  readonly #asOf = byId('alarms-as-of', HTMLElement);
  readonly #name = byId('alarm-name', HTMLInputElement);
  readonly #rows = new Map<string, Row>();

  constructor() {
    this.#name.value = readName();
    this.#name.addEventListener('change', () => {
      this.#name.removeAttribute('aria-invalid');
      writeName(this.#name.value.trim());
    });
  }

  /**
   * @param alarms in the order in which they are to stand
   * @param serverTimeMs the daemon's clock, Unix milliseconds
   * @param lostSince clock text of the moment the connection was lost; undefined while it stands
   */
  update(alarms: readonly OpenAlarm[], serverTimeMs: number, lostSince: string | undefined): void {
    this.#root.hidden = alarms.length === 0;
    setText(this.#asOf, lostSince === undefined ? '' : `Not connected. Alarms as of ${lostSince}:`);
    this.#asOf.hidden = lostSince === undefined;
    const ids = new Set(alarms.map(({ id }) => id));
    for (const [id, { root }] of this.#rows) {
      if (ids.has(id)) continue;
      root.remove();
      this.#rows.delete(id);
    }
    alarms.forEach((alarm, i) => {
      const row = this.#row(alarm.id);
      if (this.#list.children[i] !== row.root) this.#list.insertBefore(row.root, this.#list.children[i] ?? null);
      fill(row, alarm, serverTimeMs);
      row.button.disabled = lostSince !== undefined;
    });
  }

  #row(id: string): Row {
    const known = this.#rows.get(id);
    if (known !== undefined) return known;
    const row: Row = {
      root: element('li', 'alarm'),
      sign: element('strong', 'alarm-sign'),
      text: element('span', 'alarm-text'),
      since: element('span', 'alarm-since'),
      state: element('span', 'alarm-state'),
      button: element('button', 'tile-button', 'Acknowledge'),
    };
    row.button.type = 'button';
    row.button.addEventListener('click', () => {
      this.#acknowledge(id, row);
    });
    row.root.append(row.sign, row.text, row.since, row.state, row.button);
    this.#rows.set(id, row);
    return row;
  }

  #acknowledge(id: string, { button, state }: Row): void {
    const name = this.#name.value.trim();
    if (name === '') {
      this.#name.setAttribute('aria-invalid', 'true');
      this.#name.focus();
      return;
    }
    button.disabled = true;
    acknowledge(id, name).catch((error: unknown) => {
      setText(state, `Not acknowledged: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
}

function fill({ root, sign, text, since, state, button }: Row, alarm: OpenAlarm, serverTimeMs: number): void {
  const { priority, acknowledged, raisedTimeMicros, isStored } = alarm;
  root.dataset['priority'] = priority;
  root.dataset['acknowledged'] = String(acknowledged !== null);
  root.dataset['code'] = alarm.code;
  setText(sign, SIGNS[priority]);
  setText(text, alarm.text.replace(/ \[[A-Z_]+\]$/, '') + (isStored ? '' : ' (not on disk yet)'));
  const raisedMs = raisedTimeMicros / 1000;
  const seconds = Math.max(0, Math.round((serverTimeMs - raisedMs) / 1000));
  setText(since, `since ${clockText(raisedMs, false)}, ${durationText(seconds)}`);
  button.hidden = acknowledged !== null;
  button.setAttribute('aria-label', `Acknowledge: ${alarm.text}`);
  if (acknowledged !== null) setText(state, `acknowledged by ${acknowledged.name}`);
}

/** @throws Error with what the daemon says */
async function acknowledge(id: string, name: string): Promise<void> {
  const response = await fetch(`/v1/alarms/${encodeURIComponent(id)}/acknowledge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  if (response.ok) return;
  const { error } = (await response.json()) as { readonly error: { readonly message: string } };
  throw new Error(error.message);
}

/** A browser may keep nothing for pages: then the name is asked for each time. */
function readName(): string {
  try {
    return localStorage.getItem(NAME_KEY) ?? '';
  } catch {
    return '';
  }
}

function writeName(name: string): void {
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch {
    // as above
  }
}
