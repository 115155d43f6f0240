import type { BoardSettings } from './boardSettings.js';
import { COLOUR_STEPS } from './colormap.js';
import { byId } from './element.js';

/** The choices that hold for all tiles, with their keys: C shows and hides chirps, Escape lets go of an event. */
export class Toolbar {
  settings: BoardSettings;
  onChange: () => void = () => undefined;
  readonly #window = byId('window', HTMLSelectElement);
  readonly #chirps = byId('chirps', HTMLInputElement);

  constructor(colours: Uint32Array) {
    // A browser may restore what was chosen before a reload.
    this.settings = {
      windowSeconds: Number(this.#window.value),
      chirpsShown: this.#chirps.checked,
      chosen: undefined,
    };
    this.#window.addEventListener('change', () => {
      this.#change({ windowSeconds: Number(this.#window.value) });
    });
    this.#chirps.addEventListener('change', () => {
      this.#change({ chirpsShown: this.#chirps.checked });
    });
    addEventListener('keydown', (event) => {
      this.#onKey(event);
    });
    drawLegend(byId('legend', HTMLCanvasElement), colours);
  }

  /** Picks an event out, or lets go of it if it is picked. @returns whether it is picked now */
  pick(bed: string, id: string): boolean {
    const { chosen } = this.settings;
    const letGo = chosen?.bed === bed && chosen.id === id;
    this.#change({ chosen: letGo ? undefined : { bed, id } });
    return !letGo;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target instanceof HTMLSelectElement) return;
    if (event.key === 'Escape') this.#change({ chosen: undefined });
    if (event.key === 'c' || event.key === 'C') {
      this.#chirps.checked = !this.#chirps.checked;
      this.#change({ chirpsShown: this.#chirps.checked });
    }
  }

  #change(change: Partial<BoardSettings>): void {
    this.settings = { ...this.settings, ...change };
    this.onChange();
  }
}

function drawLegend(canvas: HTMLCanvasElement, colours: Uint32Array): void {
  canvas.width = COLOUR_STEPS;
  canvas.height = 1;
  const image = new ImageData(COLOUR_STEPS, 1);
  new Uint32Array(image.data.buffer).set(colours);
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
