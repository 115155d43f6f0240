import type { BedModel } from './bedModel.js';
import { PastPages, type PastState } from './bedViewPastPages.js';
import { DAEMON, type PastPage, type PastSources, type PastSpan, readPastPage } from './bedViewPastRead.js';

/** A page on which samples may still come, or events be told, is asked for again so often. */
const RENEW_MS = 2000;
/** Events are told within so long after their samples: until then a page may get more of them. */
const EVENTS_LATE_MICROS = 90e6;

/** Which page of a bed's past is seen, and what there is of it. */
export class BedViewPast {
  readonly #bed: BedModel;
  readonly #pages: PastPages;
  #beginMicros: number | undefined;
  #seconds = 0;
  #renewAtMs = Number.POSITIVE_INFINITY;
  #state: PastState = { type: 'loading' };

  /** @param nChannels how many the bed's source has */
  constructor(bed: BedModel, nChannels: () => number, sources: PastSources = DAEMON) {
    this.#bed = bed;
    this.#pages = new PastPages((span, signal) => {
      const { name, clockMicros, info } = bed;
      return readPastPage(
        sources,
        { name, sampleRate: info.sampleRate, nChannels: nChannels(), clockMicros },
        span,
        signal,
      );
    });
    this.#pages.onChange = () => {
      if (this.isShown) this.#look();
    };
  }

  get isShown(): boolean {
    return this.#beginMicros !== undefined;
  }

  /** Where the page begins, Unix microseconds; undefined while the bed is seen live. */
  get beginMicros(): number | undefined {
    return this.#beginMicros;
  }

  get state(): PastState {
    return this.#state;
  }

  /** The page that is seen, where it is there. */
  get page(): PastPage | undefined {
    return this.isShown && this.#state.type === 'loaded' ? this.#state.page : undefined;
  }

  show(beginMicros: number): void {
    this.#beginMicros = Math.round(beginMicros);
    this.#look();
  }

  leave(): void {
    this.#beginMicros = undefined;
    this.#pages.clear();
  }

  /** How long a page is. */
  setSeconds(seconds: number): void {
    if (seconds === this.#seconds) return;
    this.#seconds = seconds;
    if (this.isShown) this.#look();
  }

  retry(): void {
    if (this.#beginMicros === undefined) return;
    this.#pages.forget(this.#span(this.#beginMicros));
    this.#look();
  }

  /** Asks again for a page that was not whole when it was asked for. */
  refresh(nowMs: number): void {
    if (this.#beginMicros === undefined || nowMs < this.#renewAtMs) return;
    this.#renewAtMs = nowMs + RENEW_MS;
    this.#pages.renew(this.#span(this.#beginMicros));
  }

  #look(): void {
    const begin = this.#beginMicros;
    if (begin === undefined || this.#seconds === 0) return;
    const step = this.#seconds * 1e6;
    const beside = [begin - step, begin + step].filter((micros) => micros < this.#bed.clockMicros);
    const span = this.#span(begin);
    this.#state = this.#pages.see(
      span,
      beside.map((micros) => this.#span(micros)),
    );
    this.#renewAtMs = performance.now() + this.#renewAfterMs(span);
  }

  #renewAfterMs({ toMicros }: PastSpan): number {
    if (this.#state.type === 'loading') return Number.POSITIVE_INFINITY;
    if (this.#state.type === 'failed') return RENEW_MS;
    const { askedAtMicros } = this.#state.page;
    if (askedAtMicros > toMicros + EVENTS_LATE_MICROS) return Number.POSITIVE_INFINITY;
    // One that was fetched ahead may lack what has come since.
    const hasMore = askedAtMicros < Math.min(toMicros, this.#bed.clockMicros - 1e6);
    return hasMore ? 0 : RENEW_MS;
  }

  /** Whole seconds are read, so that a window that is drawn wider does not ask anew each time. */
  #span(fromMicros: number): PastSpan {
    return { fromMicros: Math.round(fromMicros), toMicros: Math.round(fromMicros) + Math.ceil(this.#seconds) * 1e6 };
  }
}
