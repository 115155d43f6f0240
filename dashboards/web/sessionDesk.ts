import { REASONS } from '../../daemon/client/reasons.js';
import type { SubscriberState } from '../../daemon/client/subscriber-options.js';
import { SESSION_PATH, type SessionInfo } from '../../daemon/protocol/session-messages.js';
import { byId, setText } from './element.js';
import { LoginPanel } from './loginPanel.js';
import { learnRights } from './rights.js';
import { speak } from './spoken.js';
import { clockText } from './timeText.js';
import { roleWords, sessionWords } from './wordsSession.js';

/** How often the daemon is asked who sits here: rarely while all is well, often while nobody is let in. */
const LOOK_MS = 30_000;
const LOOK_SOON_MS = 3000;
/** A person who has just opened the page has this long to log in, before the board calls for one. */
const PATIENCE_MS = 120_000;
/** The end of a session is told so long before. */
const ENDING_MS = 30 * 60_000;

/** Who sits here: asks for a token where one is needed, says who is logged in, and when that ends. */
export class SessionDesk {
  readonly #panel = new LoginPanel();
  readonly #who = byId('session', HTMLElement);
  readonly #name = byId('session-name', HTMLElement);
  readonly #ending = byId('session-ending', HTMLElement);
  readonly #insecure = byId('insecure', HTMLElement);
  readonly #openedMs = performance.now();
  #info: SessionInfo | undefined;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #isLooking = false;
  #wasLive = false;

  constructor() {
    speak(byId('insecure-what', HTMLElement), () => sessionWords().insecure);
    speak(byId('insecure-why', HTMLElement), () => sessionWords().insecureWhy);
    speak(byId('log-out', HTMLElement), () => sessionWords().logOut);
    speak(byId('session-again', HTMLElement), () => sessionWords().again);
    byId('log-out', HTMLButtonElement).addEventListener('click', () => {
      void fetch(SESSION_PATH, { method: 'DELETE' }).finally(() => {
        location.reload();
      });
    });
    byId('session-again', HTMLButtonElement).addEventListener('click', () => {
      this.#panel.open('early');
    });
  }

  /** Whether nobody is let in, and a token would help. */
  get #isAsking(): boolean {
    return this.#info?.authentication === 'tokens' && this.#info.identity === null;
  }

  /** Whether somebody who has just opened this page may still be typing: no time for alarms yet. */
  isFirstAsking(nowMs: number): boolean {
    return this.#isAsking && !this.#wasLive && nowMs - this.#openedMs < PATIENCE_MS;
  }

  /**
   * Brings the page up to date.
   * @param state of the connection
   * @param serverTimeMs the daemon's clock, Unix milliseconds
   * @returns the state with the reason that a person can do something about
   */
  update(state: SubscriberState, nowMs: number, serverTimeMs: number): SubscriberState {
    if (state.type === 'live') this.#wasLive = true;
    const isWell = state.type === 'live' && !this.#isAsking;
    if (nowMs - this.#lookedMs > (isWell ? LOOK_MS : LOOK_SOON_MS)) void this.#look(nowMs);
    this.#show(serverTimeMs);
    if (!this.#isAsking || state.type === 'live') return state;
    return { ...state, type: 'failed', reason: this.#wasLive ? REASONS.accessEnded : REASONS.notLoggedIn };
  }

  #show(serverTimeMs: number): void {
    const { identity = null, isInsecure = false } = this.#info ?? {};
    this.#insecure.hidden = !isInsecure;
    this.#who.hidden = identity === null;
    if (identity !== null) setText(this.#name, sessionWords().who(identity.name, roleWords()[identity.role]));
    const endsMs = (identity?.expiresTimeMicros ?? Number.POSITIVE_INFINITY) / 1000;
    this.#ending.hidden = endsMs - serverTimeMs > ENDING_MS;
    if (!this.#ending.hidden) {
      setText(byId('session-ending-text', HTMLElement), sessionWords().endsAt(clockText(endsMs, false)));
    }
    if (this.#isAsking) this.#panel.open(this.#wasLive ? 'ended' : 'first');
    else if (!this.#panel.isEarly) this.#panel.close();
  }

  async #look(nowMs: number): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#lookedMs = nowMs;
    try {
      const answer = await fetch(SESSION_PATH, { signal: AbortSignal.timeout(10_000) });
      if (answer.ok) this.#learn((await answer.json()) as SessionInfo);
    } catch {
      // The daemon may be away: the connection says so.
    }
    this.#isLooking = false;
  }

  #learn(info: SessionInfo): void {
    // Another page of this browser has logged in: everything here begins anew with its right.
    if (this.#isAsking && (info.identity !== null || info.authentication === 'none')) location.reload();
    this.#info = info;
    learnRights(info);
  }
}
