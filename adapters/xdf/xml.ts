/** An element of the small XML documents in XDF files; attributes are not used there. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** Its own text, trimmed. */
  readonly text: string;
}

interface Open {
  name: string;
  children: XmlElement[];
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,4}));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const code = decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

/** Parses a document as far as it goes: what is not closed ends with the text. */
export function parseXml(text: string): XmlElement {
  const root: Open = { name: '', children: [], text: '' };
  const open: Open[] = [root];
  const close = (): void => {
    const element = open.pop() as Open;
    (open.at(-1) as Open).children.push({ ...element, text: decodeEntities(element.text).trim() });
  };
  for (let at = 0; at < text.length;) {
    const top = open.at(-1) as Open;
    const start = text.indexOf('<', at);
    top.text += text.slice(at, start < 0 ? undefined : start);
    if (start < 0) break;
    const isComment = text.startsWith('<!--', start);
    const end = text.indexOf(isComment ? '-->' : '>', start);
    if (end < 0) break;
    at = end + (isComment ? 3 : 1);
    const tag = text.slice(start + 1, end);
    if (isComment || tag.startsWith('?') || tag.startsWith('!')) continue;
    if (tag.startsWith('/')) {
      const name = tag.slice(1).trim();
      if (open.slice(1).some((element) => element.name === name)) {
        while ((open.at(-1) as Open).name !== name) close();
        close();
      }
      continue;
    }
    const name = /^[^\s/]*/.exec(tag)?.[0] ?? '';
    // Deeper than any description goes: a damaged document.
    if (open.length > 100) break;
    open.push({ name, children: [], text: '' });
    if (tag.endsWith('/')) close();
  }
  while (open.length > 1) close();
  return { ...root, text: root.text.trim() };
}

/** The first element down a path of names. */
export function elementAt(from: XmlElement | undefined, ...names: readonly string[]): XmlElement | undefined {
  let element = from;
  for (const name of names) element = element?.children.find((child) => child.name === name);
  return element;
}

/** The text of the first element down a path; undefined where it is not there or empty. */
export function textAt(from: XmlElement | undefined, ...names: readonly string[]): string | undefined {
  return elementAt(from, ...names)?.text || undefined;
}
