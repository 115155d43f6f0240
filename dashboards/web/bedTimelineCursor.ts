import { microsOfX, type TimeSpan } from './arrayGeometry.js';

/** More than this between down and up is scrubbing, and not pointing at a time. */
const CLICK_PX = 5;
/** Of the hours shown, that Page Up and Page Down go. */
const PAGE = 0.1;

export interface TimelineCursorOptions {
  /** The time axis, CSS pixels from the area's left edge; undefined while there is none. */
  readonly span: () => TimeSpan | undefined;
  /** Length of a column: how far an arrow key goes. */
  readonly stepMicros: () => number;
  /** Somebody wants to see more of a time. */
  readonly onPick: (timeMicros: number) => void;
}

/** A time that a person points at, by mouse, finger or keys. Where nobody points, there is none. */
export class TimelineCursor {
  /** Unix microseconds. */
  timeMicros: number | undefined;
  /** How far down the pointer is, CSS pixels; undefined where keys moved the cursor. */
  y: number | undefined;
  readonly #area: HTMLElement;
  readonly #options: TimelineCursorOptions;
  #downX: number | undefined;

  constructor(area: HTMLElement, options: TimelineCursorOptions) {
    this.#area = area;
    this.#options = options;
    area.tabIndex = 0;
    area.addEventListener('pointermove', (event) => {
      this.#point(event);
    });
    area.addEventListener('pointerdown', (event) => {
      this.#downX = event.clientX;
      this.#point(event);
    });
    area.addEventListener('click', (event) => {
      const isScrubbed = Math.abs(event.clientX - (this.#downX ?? event.clientX)) > CLICK_PX;
      this.#downX = undefined;
      if (!isScrubbed && this.timeMicros !== undefined) options.onPick(this.timeMicros);
    });
    area.addEventListener('pointerleave', (event) => {
      // A finger that is lifted leaves what it pointed at to be read.
      if (event.pointerType === 'mouse' && this.y !== undefined) this.timeMicros = undefined;
    });
    area.addEventListener('blur', () => {
      if (this.y === undefined) this.timeMicros = undefined;
    });
    area.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (this.#key(event.key)) event.preventDefault();
    });
  }

  #point(event: PointerEvent): void {
    const span = this.#options.span();
    if (span === undefined) return;
    const box = this.#area.getBoundingClientRect();
    this.timeMicros = within(span, microsOfX(span, event.clientX - box.left));
    this.y = event.clientY - box.top;
  }

  #key(key: string): boolean {
    const span = this.#options.span();
    if (span === undefined) return false;
    const { firstMicros, lastMicros } = span;
    const step = this.#options.stepMicros();
    const page = PAGE * (lastMicros - firstMicros);
    const from = this.timeMicros ?? lastMicros;
    const to: Readonly<Record<string, number>> = {
      ArrowLeft: from - step,
      ArrowRight: from + step,
      PageUp: from - page,
      PageDown: from + page,
      Home: firstMicros,
      End: lastMicros,
    };
    const time = Object.hasOwn(to, key) ? to[key] : undefined;
    if (time !== undefined) {
      this.timeMicros = within(span, time);
      this.y = undefined;
      return true;
    }
    if (key !== 'Enter' || this.timeMicros === undefined) return false;
    this.#options.onPick(this.timeMicros);
    return true;
  }
}

function within({ firstMicros, lastMicros }: TimeSpan, micros: number): number {
  return Math.min(lastMicros, Math.max(firstMicros, micros));
}
