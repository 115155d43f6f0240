import type { HelloMessage } from '../../daemon/protocol/messages.js';
import type { ConnectionState } from './connection.js';
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
  update(state: ConnectionState, serverTimeMs: number | undefined): void {
    this.#connection.dataset['state'] = state.type;
    setText(this.#connection, connectionText(state));
    const live = state.type === 'open' && serverTimeMs !== undefined;
    setText(this.#clock, live ? `${dateText(serverTimeMs, false)} ${clockText(serverTimeMs, false)}` : '--:--:--');
  }
}

function connectionText(state: ConnectionState): string {
  switch (state.type) {
    case 'connecting':
      return 'Connecting';
    case 'open':
      return 'Connected';
    case 'lost':
      return `Connection lost at ${clockText(state.sinceMs, false)}: ${state.reason}. Trying again.`;
  }
}
