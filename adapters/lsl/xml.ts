/** An element of an XML document, without its attributes: LSL uses none. */
export interface XmlElement {
  readonly name: string;
  /** All text directly in it, entities resolved, trimmed. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

interface OpenElement {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

/** Deeper than any stream info; more would only be meant to do harm. */
const MAX_DEPTH = 100;

/** Comments, CDATA, processing instructions, document types, tags, and the text between them. */
const TOKEN =
  /<!--[^]*?-->|<!\[CDATA\[([^]*?)\]\]>|<\?[^]*?\?>|<![^>]*>|<(\/?)([^\s/>]+)((?:"[^"]*"|'[^']*'|[^>"'])*?)(\/?)>|([^<]+)/gy;

/**
 * The root element of an XML document. Namespaces and document types mean nothing here.
 * @throws SyntaxError where it is not well-formed
 */
export function parseXml(source: string): XmlElement {
  const top: OpenElement = { name: '', text: '', children: [] };
  const open: OpenElement[] = [top];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (match === null) throw new SyntaxError(`XML is broken at character ${at}`);
    const [, cdata, slash, name, , selfClosing, text] = match;
    const current = open.at(-1)!;
    if (cdata !== undefined) current.text += cdata;
    else if (text !== undefined) current.text += unescapeXml(text);
    else if (name === undefined) continue;
    else if (slash === '/') {
      if (current.name !== name || open.length === 1) throw new SyntaxError(`XML ends <${name}>, which is not open`);
      open.pop();
      open.at(-1)!.children.push({ ...current, text: current.text.trim() });
    } else if (selfClosing === '/') {
      current.children.push({ name, text: '', children: [] });
    } else {
      if (open.length > MAX_DEPTH) throw new SyntaxError(`XML is nested more than ${MAX_DEPTH} deep`);
      open.push({ name, text: '', children: [] });
    }
  }
  const root = top.children[0];
  if (open.length > 1) throw new SyntaxError(`XML leaves <${open.at(-1)!.name}> open`);
  if (root === undefined) throw new SyntaxError('XML holds no element');
  return root;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

export function escapeXml(text: string): string {
  return text.replace(/[<>&]/g, (character) => (character === '<' ? '&lt;' : character === '>' ? '&gt;' : '&amp;'));
}

/** The text at a path of child elements; '' where there is none. */
export function xmlText(element: XmlElement | undefined, ...path: readonly string[]): string {
  return xmlChild(element, ...path)?.text ?? '';
}

/** The first element at a path of child elements. */
export function xmlChild(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>(
    (parent, name) => parent?.children.find((child) => child.name === name),
    element,
  );
}

/** Writes an element and all in it. */
export function formatXml({ name, text, children }: XmlElement, indent = ''): string {
  if (children.length === 0) return `${indent}<${name}>${escapeXml(text)}</${name}>\n`;
  const inner = children.map((child) => formatXml(child, `${indent}\t`)).join('');
  return `${indent}<${name}>\n${inner}${indent}</${name}>\n`;
}
