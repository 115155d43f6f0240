import { DaemonRefusal, type PastPage, type PastSpan } from './bedViewPastRead.js';

/** Pages that are kept: the one that is seen, those beside it, and some to go back to. */
const MAXIMUM_PAGES = 9;

export type PastState =
  | { readonly type: 'loading' }
  /** `reason`: of the daemon; empty where it did not answer at all. */
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'loaded'; readonly page: PastPage };

export type ReadPastPage = (span: PastSpan, signal: AbortSignal) => Promise<PastPage>;

interface Entry {
  state: PastState;
  readonly abort: AbortController;
}

/** Pages of a bed's past, each read once; those beside the one that is seen are fetched when that is there. */
export class PastPages {
  readonly #read: ReadPastPage;
  /** By span, the one that was seen last at the end. */
  readonly #entries = new Map<string, Entry>();
  /** Another page is there, or cannot be had. */
  onChange: () => void = () => undefined;

  constructor(read: ReadPastPage) {
    this.#read = read;
  }

  /**
   * What there is of a page now. It is asked for if it was not.
   *
   * @param beside fetched ahead as soon as the page is there
   */
  see(span: PastSpan, beside: readonly PastSpan[]): PastState {
    const entry = this.#entry(span);
    this.#touch(span, entry);
    if (entry.state.type === 'loaded') for (const one of beside) this.#entry(one);
    this.#forgetOld(new Set([span, ...beside].map(keyOf)));
    return entry.state;
  }

  /** Asks anew, and keeps what is there until the answer comes. */
  renew(span: PastSpan): void {
    const entry = this.#entries.get(keyOf(span));
    if (entry !== undefined && entry.state.type !== 'loading') void this.#ask(span, entry);
  }

  /** Forgets a page that could not be had. */
  forget(span: PastSpan): void {
    this.#entries.get(keyOf(span))?.abort.abort();
    this.#entries.delete(keyOf(span));
  }

  /** Nothing that was read counts any more. */
  clear(): void {
    for (const { abort } of this.#entries.values()) abort.abort();
    this.#entries.clear();
  }

  #entry(span: PastSpan): Entry {
    const key = keyOf(span);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { state: { type: 'loading' }, abort: new AbortController() };
      this.#entries.set(key, entry);
      void this.#ask(span, entry);
    }
    return entry;
  }

  #touch(span: PastSpan, entry: Entry): void {
    this.#entries.delete(keyOf(span));
    this.#entries.set(keyOf(span), entry);
  }

  #forgetOld(needed: ReadonlySet<string>): void {
    for (const [key, { abort, state }] of this.#entries) {
      const isMany = this.#entries.size > MAXIMUM_PAGES;
      if (needed.has(key) || !(isMany || state.type === 'loading')) continue;
      abort.abort();
      this.#entries.delete(key);
    }
  }

  async #ask(span: PastSpan, entry: Entry): Promise<void> {
    try {
      entry.state = { type: 'loaded', page: await this.#read(span, entry.abort.signal) };
    } catch (error) {
      if (entry.abort.signal.aborted) return;
      entry.state = { type: 'failed', reason: error instanceof DaemonRefusal ? error.message : '' };
    }
    this.onChange();
  }
}

function keyOf({ fromMicros, toMicros }: PastSpan): string {
  return `${String(fromMicros)}+${String(toMicros - fromMicros)}`;
}
