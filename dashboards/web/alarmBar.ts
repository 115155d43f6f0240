import type { AlarmKind, OpenAlarm } from '../../daemon/protocol/messages.js';
import { NOT_CONNECTED } from './alarmConnection.js';
import { AlarmDialog, type Acknowledge } from './alarmDialog.js';
import { AlarmRow, setData } from './alarmRow.js';
import { countsOf, isCalling, PRIORITIES, SHAPES } from './alarmState.js';
import { byId, element, setText } from './element.js';
import { whyNot } from './rights.js';
import { alarmWords, priorityWords } from './wordsAlarms.js';

const KINDS = ['physiological', 'technical'] as const satisfies readonly AlarmKind[];

/**
 * The alarms under the top of the page: how many of each priority, which stays in sight, and a list of those about patients
 * and one of those about the equipment, which scroll.
 */
export class AlarmBar {
  readonly #root = byId('alarms', HTMLElement);
  readonly #counts = byId('alarm-counts', HTMLElement);
  readonly #asOf = byId('alarms-as-of', HTMLElement);
  readonly #signs = new Map(PRIORITIES.map((priority) => [priority, element('strong', 'alarm-sign')]));
  readonly #none = element('span', 'alarm-none');
  readonly #rows = new Map<string, AlarmRow>();
  readonly #dialog: AlarmDialog;
  #alarms: readonly OpenAlarm[] = [];

  constructor(acknowledge: Acknowledge) {
    this.#dialog = new AlarmDialog(acknowledge);
    for (const [priority, sign] of this.#signs) sign.dataset['alarm'] = priority;
    this.#counts.append(this.#none, ...this.#signs.values());
  }

  /**
   * @param alarms in the order in which they are to stand
   * @param serverTimeMs the daemon's clock, Unix milliseconds
   * @param lostSince clock text of the moment the connection was lost; undefined while it stands
   */
  update(alarms: readonly OpenAlarm[], serverTimeMs: number, lostSince: string | undefined): void {
    this.#alarms = alarms;
    this.#root.hidden = alarms.length === 0;
    const isOld = lostSince !== undefined && alarms.some(({ code }) => code !== NOT_CONNECTED);
    setText(this.#asOf, isOld ? alarmWords().asOf(lostSince) : '');
    this.#asOf.hidden = !isOld;
    this.#showCounts(alarms, lostSince);
    const ids = new Set(alarms.map(({ id }) => id));
    for (const [id, { root }] of this.#rows) {
      if (ids.has(id)) continue;
      root.remove();
      this.#rows.delete(id);
    }
    for (const kind of KINDS) this.#showGroup(kind, alarms, serverTimeMs, lostSince);
    this.#dialog.update(alarms);
  }

  #showGroup(kind: AlarmKind, all: readonly OpenAlarm[], serverTimeMs: number, lostSince: string | undefined): void {
    const group = byId(`alarms-${kind}`, HTMLElement);
    const list = byId(`alarm-list-${kind}`, HTMLUListElement);
    const alarms = all.filter((alarm) => alarm.kind === kind);
    group.hidden = alarms.length === 0;
    alarms.forEach((alarm, i) => {
      const row = this.#row(alarm.id);
      if (list.children[i] !== row.root) list.insertBefore(row.root, list.children[i] ?? null);
      // The board's own alarm is acknowledged on this board alone.
      const isOwn = alarm.code === NOT_CONNECTED;
      row.fill(alarm, serverTimeMs, isOwn || lostSince === undefined, isOwn ? '' : whyNot('acknowledge'));
    });
  }

  #showCounts(alarms: readonly OpenAlarm[], lostSince: string | undefined): void {
    const counts = countsOf(alarms);
    for (const [priority, sign] of this.#signs) {
      sign.hidden = counts[priority] === 0;
      setText(sign, `${SHAPES[priority]} ${String(counts[priority])} ${priorityWords()[priority]}`);
      const isAnyCalling = alarms.some((alarm) => alarm.priority === priority && isCalling(alarm));
      setData(sign, 'calling', String(isAnyCalling));
    }
    this.#none.hidden = alarms.length > 0;
    setText(this.#none, lostSince === undefined ? alarmWords().none : alarmWords().noneKnown);
  }

  #row(id: string): AlarmRow {
    let row = this.#rows.get(id);
    if (row === undefined) {
      row = new AlarmRow(() => {
        const alarm = this.#alarms.find((one) => one.id === id);
        if (alarm !== undefined) this.#dialog.open(alarm);
      });
      this.#rows.set(id, row);
    }
    return row;
  }
}
