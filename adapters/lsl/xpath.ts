import type { XmlElement } from './xml.js';
import {
  compare,
  descendants,
  FUNCTIONS,
  toBoolean,
  toNodes,
  toNumber,
  type Context,
  type Value,
} from './xpath-functions.js';

/*
 * Outlets judge queries that are XPath 1.0 conditions on their stream info. This is what such conditions use: paths of
 * child and descendant elements with predicates, comparisons, arithmetic and the core functions. Attributes and
 * namespaces, which stream infos do not have, match nothing.
 */

/** A condition that has been read. */
type Expression = (context: Context) => Value;

const TOKEN =
  /\s*(?:(\d+(?:\.\d*)?|\.\d+)|"([^"]*)"|'([^']*)'|(\/\/|::|\.\.|!=|<=|>=|[/.()[\]@,|+\-*=<>])|([A-Za-z_][\w.-]*))/y;
const MAX_LENGTH = 4096;
const MAX_DEPTH = 60;

/**
 * Whether an XPath condition holds for a document; its context is the root element.
 * @throws SyntaxError where it is no XPath, or more of it than is known here
 */
export function matchesXpath(condition: string, root: XmlElement): boolean {
  if (condition.trim() === '') return true;
  const document: XmlElement = { name: '', text: '', children: [root] };
  return toBoolean(new Parser(condition, document).parse()({ node: root, position: 1, size: 1 }));
}

interface Token {
  readonly kind: 'number' | 'text' | 'symbol' | 'name';
  readonly text: string;
}

function tokens(condition: string): readonly Token[] {
  if (condition.length > MAX_LENGTH) throw new SyntaxError(`a condition has at most ${MAX_LENGTH} characters`);
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  const end = condition.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(condition);
    if (match === null) throw new SyntaxError(`"${condition.slice(at, at + 20)}" is no XPath`);
    const [, digits, double, single, symbol, name] = match;
    if (digits !== undefined) found.push({ kind: 'number', text: digits });
    else if (symbol !== undefined) found.push({ kind: 'symbol', text: symbol });
    else if (name !== undefined) found.push({ kind: 'name', text: name });
    else found.push({ kind: 'text', text: double ?? single ?? '' });
  }
  return found;
}

/** Binary operators, the loosest first. */
const OPERATORS: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['=', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', 'div', 'mod'],
];

class Parser {
  readonly #tokens: readonly Token[];
  readonly #document: XmlElement;
  readonly #parents = new Map<XmlElement, XmlElement>();
  #at = 0;
  #depth = 0;

  constructor(condition: string, document: XmlElement) {
    this.#tokens = tokens(condition);
    this.#document = document;
    for (const node of descendants(document)) for (const child of node.children) this.#parents.set(child, node);
  }

  parse(): Expression {
    const expression = this.#binary(0);
    if (this.#at < this.#tokens.length) throw this.#unexpected();
    return expression;
  }

  #binary(level: number): Expression {
    const operators = OPERATORS[level];
    if (operators === undefined) return this.#unary();
    if (level === 0 && ++this.#depth > MAX_DEPTH) throw new SyntaxError('the condition is nested too deep');
    let left = this.#binary(level + 1);
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined || token.kind === 'text' || !operators.includes(token.text)) break;
      this.#at++;
      left = operation(token.text, left, this.#binary(level + 1));
    }
    if (level === 0) this.#depth--;
    return left;
  }

  #unary(): Expression {
    if (!this.#take('-')) return this.#union();
    if (++this.#depth > MAX_DEPTH) throw new SyntaxError('the condition is nested too deep');
    const operand = this.#unary();
    this.#depth--;
    return (context) => -toNumber(operand(context));
  }

  #union(): Expression {
    const parts = [this.#path()];
    while (this.#take('|')) parts.push(this.#path());
    const [only] = parts;
    if (parts.length === 1) return only!;
    return (context) => [...new Set(parts.flatMap((part) => toNodes(part(context))))];
  }

  #path(): Expression {
    const token = this.#tokens[this.#at];
    const isCall = token?.kind === 'name' && this.#isSymbol(1, '(') && !['text', 'node'].includes(token.text);
    let start: Expression;
    if (isCall) start = this.#call();
    else if (token?.kind === 'number' || token?.kind === 'text') {
      this.#at++;
      const value = token.kind === 'number' ? Number(token.text) : token.text;
      start = () => value;
    } else if (this.#take('(')) {
      start = this.#binary(0);
      this.#expect(')');
    } else if (this.#take('/')) {
      start = () => [this.#document];
      return this.#startsStep() ? this.#steps(this.#step(start)) : start;
    } else if (this.#isSymbol(0, '//')) {
      return this.#steps(() => [this.#document]);
    } else return this.#steps(this.#step(({ node }) => [node]));
    return this.#steps(this.#predicates(start));
  }

  /** What follows a path's first part: `/step` and `//step`. */
  #steps(first: Expression): Expression {
    let path = first;
    for (;;) {
      if (this.#take('//')) {
        const before = path;
        path = this.#step((context) => toNodes(before(context)).flatMap(descendants));
      } else if (this.#take('/')) path = this.#step(path);
      else return path;
    }
  }

  #startsStep(): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === 'name' || (token?.kind === 'symbol' && ['*', '.', '..', '@'].includes(token.text));
  }

  #step(from: Expression): Expression {
    if (this.#take('.')) return from;
    if (this.#take('..')) {
      return (context) => [...new Set(toNodes(from(context)).flatMap((node) => this.#parents.get(node) ?? []))];
    }
    const isAttribute = this.#take('@');
    let axis = 'child';
    if (this.#tokens[this.#at]?.kind === 'name' && this.#isSymbol(1, '::')) {
      axis = this.#tokens[this.#at]!.text;
      this.#at += 2;
    }
    const test = this.#nodeTest();
    const onAxis = (node: XmlElement): readonly XmlElement[] => {
      if (isAttribute || axis === 'attribute') return [];
      if (axis === 'child') return node.children;
      if (axis === 'descendant') return descendants(node).slice(1);
      if (axis === 'descendant-or-self') return descendants(node);
      if (axis === 'self') return [node];
      throw new SyntaxError(`axis ${axis} is not known here`);
    };
    // Predicates count among the nodes of one parent.
    const predicates: Expression[] = [];
    while (this.#take('[')) {
      predicates.push(this.#binary(0));
      this.#expect(']');
    }
    return (context) =>
      toNodes(from(context)).flatMap((node) =>
        predicates.reduce<readonly XmlElement[]>(
          (nodes, predicate) => filtered(nodes, predicate),
          onAxis(node).filter(test),
        ),
      );
  }

  #nodeTest(): (node: XmlElement) => boolean {
    if (this.#take('*')) return () => true;
    const token = this.#tokens[this.#at++];
    if (token?.kind !== 'name') throw this.#unexpected();
    if (!this.#take('(')) return ({ name }) => name === token.text;
    this.#expect(')');
    if (token.text === 'node') return () => true;
    throw new SyntaxError(`${token.text}() is not known here`);
  }

  #predicates(of: Expression): Expression {
    let expression = of;
    while (this.#take('[')) {
      const before = expression;
      const predicate = this.#binary(0);
      this.#expect(']');
      expression = (context) => filtered(toNodes(before(context)), predicate);
    }
    return expression;
  }

  #call(): Expression {
    const { text: name } = this.#tokens[this.#at]!;
    this.#at += 2;
    const args: Expression[] = [];
    if (!this.#take(')')) {
      do args.push(this.#binary(0));
      while (this.#take(','));
      this.#expect(')');
    }
    const call = FUNCTIONS[name];
    if (call === undefined) throw new SyntaxError(`function ${name} is not known here`);
    return (context) =>
      call(
        args.map((arg) => arg(context)),
        context,
      );
  }

  #isSymbol(ahead: number, symbol: string): boolean {
    const token = this.#tokens[this.#at + ahead];
    return token?.kind === 'symbol' && token.text === symbol;
  }

  #take(symbol: string): boolean {
    if (!this.#isSymbol(0, symbol)) return false;
    this.#at++;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#take(symbol)) throw this.#unexpected();
  }

  #unexpected(): SyntaxError {
    const token = this.#tokens[this.#at];
    return new SyntaxError(token === undefined ? 'the condition breaks off' : `"${token.text}" is out of place`);
  }
}

function filtered(nodes: readonly XmlElement[], predicate: Expression): readonly XmlElement[] {
  return nodes.filter((node, i) => {
    const value = predicate({ node, position: i + 1, size: nodes.length });
    return typeof value === 'number' ? value === i + 1 : toBoolean(value);
  });
}

function operation(operator: string, left: Expression, right: Expression): Expression {
  switch (operator) {
    case 'or':
      return (context) => toBoolean(left(context)) || toBoolean(right(context));
    case 'and':
      return (context) => toBoolean(left(context)) && toBoolean(right(context));
    case '+':
      return (context) => toNumber(left(context)) + toNumber(right(context));
    case '-':
      return (context) => toNumber(left(context)) - toNumber(right(context));
    case '*':
      return (context) => toNumber(left(context)) * toNumber(right(context));
    case 'div':
      return (context) => toNumber(left(context)) / toNumber(right(context));
    case 'mod':
      return (context) => toNumber(left(context)) % toNumber(right(context));
    default:
      return (context) => compare(operator, left(context), right(context));
  }
}
