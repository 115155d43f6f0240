import { element } from './element.js';

/** A place on a picture as shares of its width and height, from the top left. */
export interface Share {
  readonly x: number;
  readonly y: number;
}

export interface SelectionOptions<Place> {
  /** What lies at a share of the picture; undefined: nothing that could be marked. */
  readonly placeAt: (share: Share) => Place | undefined;
  /** Where it lies now: a picture may move on under what somebody points at. */
  readonly shareOf: (place: Place) => Share;
  readonly onEnd: (from: Place, to: Place) => void;
}

/** Less than this is a click with an unsteady hand, CSS pixels. */
const LEAST_PX = 6;

/** A box that somebody drags over a picture with the mouse or a pen. A finger scrolls the page. */
export class DragSelection<Place> {
  readonly root = element('div', 'bed-view-selection');
  readonly #area: HTMLElement;
  readonly #options: SelectionOptions<Place>;
  #press: { readonly from: Place; readonly x: number; readonly y: number } | undefined;
  #to: Place | undefined;

  constructor(area: HTMLElement, options: SelectionOptions<Place>) {
    this.#area = area;
    this.#options = options;
    this.root.hidden = true;
    area.addEventListener('pointerdown', (event) => {
      this.#begin(event);
    });
    area.addEventListener('pointermove', (event) => {
      this.#move(event);
    });
    area.addEventListener('pointerup', () => {
      this.#end();
    });
    for (const name of ['pointercancel', 'lostpointercapture'] as const) {
      area.addEventListener(name, () => {
        this.cancel();
      });
    }
  }

  /** Puts the box where what it holds is now. */
  frame(): void {
    this.root.hidden = this.#press === undefined || this.#to === undefined;
    if (this.#press === undefined || this.#to === undefined) return;
    const [a, b] = [this.#options.shareOf(this.#press.from), this.#options.shareOf(this.#to)];
    const percent = (share: number): string => `${(100 * share).toFixed(3)}%`;
    const { style } = this.root;
    style.left = percent(Math.min(a.x, b.x));
    style.top = percent(Math.min(a.y, b.y));
    style.width = percent(Math.abs(a.x - b.x));
    style.height = percent(Math.abs(a.y - b.y));
  }

  cancel(): void {
    this.#press = undefined;
    this.#to = undefined;
    this.frame();
  }

  #begin(event: PointerEvent): void {
    this.cancel();
    if (event.pointerType === 'touch' || event.button !== 0) return;
    const from = this.#options.placeAt(this.#share(event));
    if (from !== undefined) this.#press = { from, x: event.clientX, y: event.clientY };
  }

  #move(event: PointerEvent): void {
    if (this.#press === undefined) return;
    const { x, y } = this.#press;
    if (this.#to === undefined) {
      if (Math.hypot(event.clientX - x, event.clientY - y) < LEAST_PX) return;
      this.#area.setPointerCapture(event.pointerId);
    }
    this.#to = this.#options.placeAt(this.#share(event)) ?? this.#to;
    this.frame();
  }

  #end(): void {
    const [press, to] = [this.#press, this.#to];
    this.cancel();
    if (press === undefined || to === undefined) return;
    // What follows a drag is no click on the picture.
    const swallow = (event: Event): void => {
      event.stopImmediatePropagation();
    };
    this.#area.addEventListener('click', swallow, { capture: true, once: true });
    setTimeout(() => {
      this.#area.removeEventListener('click', swallow, { capture: true });
    });
    this.#options.onEnd(press.from, to);
  }

  #share({ clientX, clientY }: PointerEvent): Share {
    const box = this.#area.getBoundingClientRect();
    const within = (share: number): number => Math.min(1, Math.max(0, share));
    return { x: within((clientX - box.left) / box.width), y: within((clientY - box.top) / box.height) };
  }
}
