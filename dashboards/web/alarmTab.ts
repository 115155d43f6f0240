import type { AlarmPriority, OpenAlarm } from '../../daemon/protocol/messages.js';
import { mostUrgent, signText } from './alarmState.js';
import { alarmText } from './alarmText.js';
import { bedOfHash } from './bedViewRoute.js';
import { alarmWords } from './wordsAlarms.js';

const QUIET_ICON = 'favicon.svg';
const ICONS: Readonly<Record<AlarmPriority, string>> = {
  high: 'favicon-high.svg',
  medium: 'favicon-medium.svg',
  low: 'favicon-low.svg',
};

/**
 * The page's title: the most urgent open alarm, and how many there are beside it.
 * @param bed whose view is open; undefined: all beds are shown
 */
export function titleText(alarms: readonly OpenAlarm[], bed?: string): string {
  const { title } = alarmWords();
  const page = bed === undefined ? title : `${bed} · ${title}`;
  const top = mostUrgent(alarms);
  if (top === undefined) return page;
  const more = alarms.length > 1 ? ` (+${String(alarms.length - 1)})` : '';
  return `${signText(top)}${more}: ${alarmText(top)} - ${page}`;
}

/** The browser's tab, which is seen while the page is not. */
export class AlarmTab {
  readonly #icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');

  update(alarms: readonly OpenAlarm[]): void {
    const title = titleText(alarms, bedOfHash(location.hash));
    if (document.title !== title) document.title = title;
    const top = mostUrgent(alarms);
    const icon = top === undefined ? QUIET_ICON : ICONS[top.priority];
    if (this.#icon?.getAttribute('href') !== icon) this.#icon?.setAttribute('href', icon);
  }
}
