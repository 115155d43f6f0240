/** More pixels than this per CSS pixel cost time and show nothing more. */
const MAXIMUM_RATIO = 2;
/** Scrolling by fewer canvas pixels than this cannot be seen, and a frame not drawn leaves the processor to others. */
export const LEAST_SHIFT_PX = 0.5;

/** Canvas pixels per CSS pixel. */
export function pixelRatio(): number {
  return Math.min(MAXIMUM_RATIO, devicePixelRatio);
}

/** Width and height in canvas pixels. */
export type OnCanvasSize = (width: number, height: number) => void;

/**
 * Tells how large a canvas that fills an element must be, now and whenever that changes. Where the browser tells which of the
 * screen's pixels the element covers, the canvas gets just these: one that is a fraction larger or smaller than its place is
 * scaled anew with each frame, which blurs it and costs more than all that is drawn on it.
 */
export function onCanvasSize(place: HTMLElement, onSize: OnCanvasSize): void {
  const observer = new ResizeObserver(([entry]) => {
    if (entry === undefined) return;
    // Safari does not tell it, whatever the types say.
    const [box] = (entry.devicePixelContentBoxSize as readonly ResizeObserverSize[] | undefined) ?? [];
    const { width, height } = entry.contentRect;
    const ratio = pixelRatio();
    if (box === undefined || ratio !== devicePixelRatio) onSize(Math.round(width * ratio), Math.round(height * ratio));
    else onSize(box.inlineSize, box.blockSize);
  });
  try {
    observer.observe(place, { box: 'device-pixel-content-box' });
  } catch {
    observer.observe(place);
  }
}
