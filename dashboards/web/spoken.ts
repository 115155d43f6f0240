import { onLanguage } from './language.js';

/** Where a text of an element stands: between its tags, or in one of these attributes. */
type Place = 'text' | 'title' | 'aria-label' | 'placeholder';

interface Spoken {
  readonly place: Place;
  readonly text: () => string;
}

const texts = new WeakMap<Element, Spoken[]>();
const elements = new Set<WeakRef<Element>>();
// A board runs for days, and rows come and go.
const gone = new FinalizationRegistry<WeakRef<Element>>((reference) => elements.delete(reference));

/**
 * Gives an element a text that follows the language. For what stays as it is; a text that a refresh sets anyway needs none
 * of this. A second text for the same place takes the place of the first.
 *
 * @returns the element
 */
export function speak<Spoke extends Element>(element: Spoke, text: () => string, place: Place = 'text'): Spoke {
  const one = { place, text };
  const all = texts.get(element);
  if (all === undefined) {
    texts.set(element, [one]);
    const reference = new WeakRef<Element>(element);
    elements.add(reference);
    gone.register(element, reference);
  } else {
    const at = all.findIndex((other) => other.place === place);
    all.splice(at < 0 ? all.length : at, 1, one);
  }
  say(element, one);
  return element;
}

onLanguage(() => {
  for (const reference of elements) {
    const element = reference.deref();
    if (element === undefined) continue;
    for (const one of texts.get(element) ?? []) say(element, one);
  }
});

function say(element: Element, { place, text }: Spoken): void {
  if (place === 'text') element.textContent = text();
  else element.setAttribute(place, text());
}
