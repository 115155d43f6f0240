import type { Locator } from 'playwright-core';

/** How many colours a person sees there: of what is painted on the screen, and not of what any canvas holds. */
export async function seenColours(place: Locator): Promise<number> {
  const picture = (await place.screenshot()).toString('base64');
  const blank = await place.page().context().browser()!.newPage();
  try {
    return await blank.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const context = new OffscreenCanvas(image.width, image.height).getContext('2d')!;
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      return new Set(new Uint32Array(data.buffer)).size;
    }, picture);
  } finally {
    await blank.close();
  }
}
