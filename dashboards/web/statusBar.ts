import type { SubscriberState } from '../../daemon/client/subscriber-options.js';
import type { HelloMessage } from '../../daemon/protocol/messages.js';
import { byId, setText } from './element.js';
import { setSaid, type Said } from './said.js';
import { clockText, dateText } from './timeText.js';
import { zoneAbbreviation, zoneName } from './unitZone.js';
import { statusWords } from './wordsStatus.js';
import { withReason } from './wordsReasons.js';

/** The top of the page: connection, the daemon's clock, and what this board is not. */
export class StatusBar {
  readonly #connection = byId('connection', HTMLElement);
  readonly #clock = byId('clock', HTMLElement);
  readonly #zone = byId('zone', HTMLElement);
  readonly #banner = byId('demonstration', HTMLElement);
  readonly #version = byId('version', HTMLElement);
  #dropped: { readonly topic: string; readonly nMessages: number } | undefined;

  greet(hello: HelloMessage): void {
    this.demonstration(hello.demonstration);
    setText(this.#version, hello.version);
  }

  /** Whether all beds are made up, as it is now: they come and go. */
  demonstration(isAllMadeUp: boolean): void {
    this.#banner.hidden = !isAllMadeUp;
  }

  /** Says how many messages of what this browser was too slow for. */
  dropped(topic: string, nMessages: number): void {
    this.#dropped = { topic, nMessages };
  }

  /**
   * @param sinceText since when the state is what it is
   * @param serverTimeMs the daemon's clock, Unix milliseconds; undefined while it is not known
   */
  update(state: SubscriberState, sinceText: string, serverTimeMs: number | undefined): void {
    this.#connection.dataset['state'] = state.type;
    setSaid(this.#connection, connectionText(state, sinceText));
    const title =
      this.#dropped === undefined ? '' : statusWords().tooSlow(this.#dropped.nMessages, this.#dropped.topic);
    if (this.#connection.title !== title) this.#connection.title = title;
    const live = state.type === 'live' && serverTimeMs !== undefined;
    setText(this.#clock, live ? `${dateText(serverTimeMs, false)} ${clockText(serverTimeMs, false)}` : '--:--:--');
    setText(this.#zone, live ? zoneAbbreviation(serverTimeMs) : '');
    if (this.#zone.title !== zoneName()) this.#zone.title = zoneName();
  }
}

function connectionText({ type, reason }: SubscriberState, sinceText: string): Said {
  const words = statusWords();
  switch (type) {
    case 'idle':
    case 'connecting':
      return { text: words.connecting, detail: '' };
    case 'live':
      return { text: words.connected, detail: '' };
    case 'stale':
      return withReason(words.notLiveSince(sinceText), reason);
    case 'lost':
      return withReason(words.lost(sinceText), reason);
    case 'closed':
    case 'failed':
      return withReason(words.notConnected, reason);
  }
}
