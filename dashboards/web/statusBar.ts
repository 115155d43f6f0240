import type { SubscriberState } from '../../daemon/client/subscriber-options.js';
import type { HelloMessage } from '../../daemon/protocol/messages.js';
import { byId, setText } from './element.js';
import { clockText, dateText } from './timeText.js';

/** The top of the page: connection, the daemon's clock, and what this board is not. */
export class StatusBar {
  readonly #connection = byId('connection', HTMLElement);
  readonly #clock = byId('clock', HTMLElement);
  readonly #banner = byId('demonstration', HTMLElement);
  readonly #version = byId('version', HTMLElement);

  greet(hello: HelloMessage): void {
    this.#banner.hidden = !hello.demonstration;
    setText(this.#version, hello.version);
  }

  /** Says how many messages of what this browser was too slow for. */
  dropped(topic: string, nMessages: number): void {
    this.#connection.title = `This browser was too slow for ${String(nMessages)} messages (${topic}).`;
  }

  /** @param serverTimeMs the daemon's clock, Unix milliseconds; undefined while it is not known */
  update(state: SubscriberState, serverTimeMs: number | undefined): void {
    this.#connection.dataset['state'] = state.type;
    setText(this.#connection, connectionText(state));
    const live = state.type === 'live' && serverTimeMs !== undefined;
    setText(this.#clock, live ? `${dateText(serverTimeMs, false)} ${clockText(serverTimeMs, false)}` : '--:--:--');
  }
}

function connectionText({ type, sinceMs, reason }: SubscriberState): string {
  switch (type) {
    case 'idle':
    case 'connecting':
      return 'Connecting';
    case 'live':
      return 'Connected';
    case 'stale':
      return `Not live since ${clockText(sinceMs, false)}: ${reason}.`;
    case 'lost':
      return `Connection lost at ${clockText(sinceMs, false)}: ${reason}. Trying again.`;
    case 'closed':
    case 'failed':
      return `Not connected: ${reason}`;
  }
}
