import type { XmlElement } from './xml.js';

/** What an expression comes to. */
export type Value = string | number | boolean | readonly XmlElement[];
/** Where an expression is judged. */
export interface Context {
  readonly node: XmlElement;
  readonly position: number;
  readonly size: number;
}

/** The node and all below it, in the order of the document. */
export function descendants(node: XmlElement): readonly XmlElement[] {
  return [node, ...node.children.flatMap(descendants)];
}

/** Nodes compare as each of their texts: one that fits is enough. */
export function compare(operator: string, left: Value, right: Value): boolean {
  const isSet = (value: Value): value is readonly XmlElement[] => typeof value === 'object';
  if (isSet(left) && typeof right !== 'boolean') return left.some((node) => compare(operator, toText([node]), right));
  if (isSet(right) && typeof left !== 'boolean') return right.some((node) => compare(operator, left, toText([node])));
  if (operator !== '=' && operator !== '!=') {
    const [a, b] = [toNumber(left), toNumber(right)];
    return operator === '<' ? a < b : operator === '<=' ? a <= b : operator === '>' ? a > b : a >= b;
  }
  const isEqual =
    typeof left === 'boolean' || typeof right === 'boolean'
      ? toBoolean(left) === toBoolean(right)
      : typeof left === 'number' || typeof right === 'number'
        ? toNumber(left) === toNumber(right)
        : toText(left) === toText(right);
  return (operator === '=') === isEqual;
}

export function toNodes(value: Value): readonly XmlElement[] {
  if (typeof value !== 'object') throw new SyntaxError('only elements have parts');
  return value;
}

function toText(value: Value): string {
  if (typeof value !== 'object') return String(value);
  return value[0] === undefined
    ? ''
    : descendants(value[0])
        .map(({ text }) => text)
        .join('');
}

export function toNumber(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  const text = toText(value).trim();
  return /^-?(?:\d+(?:\.\d*)?|\.\d+)$/.test(text) ? Number(text) : NaN;
}

export function toBoolean(value: Value): boolean {
  return typeof value === 'object' ? value.length > 0 : Boolean(value);
}

type Call = (args: readonly Value[], context: Context) => Value;

/** The text of an argument; of the context's node where there is none. */
function textAt(args: readonly Value[], i: number, { node }: Context): string {
  return toText(args[i] ?? [node]);
}

/** The core functions, without those for identifiers and languages. */
export const FUNCTIONS: Readonly<Record<string, Call | undefined>> = {
  count: ([nodes = '']) => toNodes(nodes).length,
  last: (_, { size }) => size,
  position: (_, { position }) => position,
  name: ([nodes], { node }) => (nodes === undefined ? node : toNodes(nodes)[0])?.name ?? '',
  'local-name': ([nodes], { node }) => (nodes === undefined ? node : toNodes(nodes)[0])?.name ?? '',
  string: (args, context) => textAt(args, 0, context),
  number: ([value], { node }) => toNumber(value ?? [node]),
  boolean: ([value = false]) => toBoolean(value),
  not: ([value = false]) => !toBoolean(value),
  true: () => true,
  false: () => false,
  concat: (args) => args.map(toText).join(''),
  'starts-with': ([text = '', start = '']) => toText(text).startsWith(toText(start)),
  contains: ([text = '', part = '']) => toText(text).includes(toText(part)),
  'substring-before': ([text = '', mark = '']) => {
    const at = toText(text).indexOf(toText(mark));
    return at < 0 ? '' : toText(text).slice(0, at);
  },
  'substring-after': ([text = '', mark = '']) => {
    const at = toText(text).indexOf(toText(mark));
    return at < 0 ? '' : toText(text).slice(at + toText(mark).length);
  },
  substring: ([text = '', from = 1, length = Infinity]) => {
    const start = Math.round(toNumber(from));
    const end = start + Math.round(toNumber(length));
    return Array.from(toText(text))
      .filter((_, i) => i + 1 >= start && i + 1 < end)
      .join('');
  },
  'string-length': (args, context) => Array.from(textAt(args, 0, context)).length,
  'normalize-space': (args, context) => textAt(args, 0, context).trim().replace(/\s+/g, ' '),
  translate: ([text = '', from = '', to = '']) => {
    const [sought, put] = [Array.from(toText(from)), Array.from(toText(to))];
    return Array.from(toText(text))
      .map((c) => (sought.includes(c) ? (put[sought.indexOf(c)] ?? '') : c))
      .join('');
  },
  sum: ([nodes = '']) => toNodes(nodes).reduce((sum, node) => sum + toNumber([node]), 0),
  floor: ([value = NaN]) => Math.floor(toNumber(value)),
  ceiling: ([value = NaN]) => Math.ceil(toNumber(value)),
  round: ([value = NaN]) => Math.round(toNumber(value)),
};
