/** How far an arrow key moves the cursor, as shares of the area; with Shift ten times as far. */
export interface CursorSteps {
  readonly x: number;
  readonly y: number;
}

const COARSE = 10;

/**
 * A place on a picture that a person points at: with the mouse, a finger, or, where the picture has the focus, with the
 * arrow keys. Where nobody points, there is none.
 */
export class Cursor {
  /** Shares of the area's width and height, 0 to 1. */
  place: { readonly x: number; readonly y: number } | undefined;
  /** Whether it was moved by keys, so that what is under it should be spoken. */
  isKeyed = false;
  readonly #area: HTMLElement;
  readonly #steps: () => CursorSteps;

  constructor(area: HTMLElement, steps: () => CursorSteps) {
    this.#area = area;
    this.#steps = steps;
    area.tabIndex = 0;
    const point = (event: PointerEvent): void => {
      const box = area.getBoundingClientRect();
      this.isKeyed = false;
      this.place = { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
    };
    area.addEventListener('pointermove', point);
    area.addEventListener('pointerdown', point);
    area.addEventListener('pointerleave', (event) => {
      // A finger that is lifted leaves what it pointed at to be read.
      if (event.pointerType === 'mouse' && !this.isKeyed) this.place = undefined;
    });
    area.addEventListener('blur', () => {
      this.place = undefined;
    });
    area.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (this.#move(event.key, event.shiftKey ? COARSE : 1)) event.preventDefault();
    });
  }

  #move(key: string, times: number): boolean {
    const { x, y } = this.place ?? { x: 0.5, y: 0.5 };
    const step = this.#steps();
    const within = (share: number): number => Math.min(0.9999, Math.max(0, share));
    switch (key) {
      case 'ArrowLeft':
        this.place = { x: within(x - times * step.x), y };
        break;
      case 'ArrowRight':
        this.place = { x: within(x + times * step.x), y };
        break;
      case 'ArrowUp':
        this.place = { x, y: within(y - step.y) };
        break;
      case 'ArrowDown':
        this.place = { x, y: within(y + step.y) };
        break;
      default:
        return false;
    }
    this.isKeyed = true;
    return this.#area.isConnected;
  }
}

/** Has what a cursor reads spoken, or not: a moving mouse would never let anyone finish a word. */
export function announce(readout: HTMLElement, isSpoken: boolean): void {
  const live = isSpoken ? 'polite' : 'off';
  if (readout.getAttribute('aria-live') !== live) readout.setAttribute('aria-live', live);
}
