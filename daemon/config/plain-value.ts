import { type Alias, type Document, isScalar, type LineCounter, type ParsedNode, visit } from 'yaml';
import { errorText } from '../../pipelines/core/errors.js';
import type { ConfigFileProblem } from '../protocol/reload-messages.js';
import { ConfigError, MAX_TOLD } from './problem.js';

/** 256 beds with every key take a tenth of it. */
export const MAX_CONFIG_BYTES = 1024 * 1024;

/** In place of what the parser tells programmers. */
const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/call stack/, 'nested too deeply'],
  [/multiple documents/, 'a second document begins (---), and there may be one'],
];

interface Mistake {
  readonly message: string;
  /** Offset in the text. */
  readonly at: number | undefined;
}

/** CONFIG_SYNTAX: each mistake on a line of its own, with where it stands. */
export function syntaxError(file: string, lineCounter: LineCounter, mistakes: readonly Mistake[]): ConfigError {
  const problems = mistakes.slice(0, MAX_TOLD).map(({ message, at }): ConfigFileProblem => {
    const firstLine = message.split('\n', 1)[0]!.replace(/ at line \d+, column \d+:?$/, '');
    const plain = PLAIN.find(([pattern]) => pattern.test(firstLine))?.[1] ?? firstLine;
    return { ...(at !== undefined && { line: lineCounter.linePos(at).line }), path: '', message: plain };
  });
  const told = problems.map(
    ({ line, message }) => `  ${line === undefined ? file : `${file}:${String(line)}`}: ${message}`,
  );
  if (mistakes.length > MAX_TOLD) told.push(`  and ${String(mistakes.length - MAX_TOLD)} more`);
  return new ConfigError('CONFIG_SYNTAX', `the config is not proper YAML:\n${told.join('\n')}\n`, problems);
}

/** Keys that stand twice in one map. */
export function twinKeys(document: Document): readonly Mistake[] {
  const twins: Mistake[] = [];
  visit(document, {
    Map: (_place, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value))
          twins.push({ message: `${String(key.value)} stands twice in one map`, at: key.range?.[0] });
        seen.add(key.value);
      }
    },
  });
  return twins;
}

/**
 * What a document stands for. Aliases that lead nowhere, or stand for more than anybody would write, are refused: nine
 * lines of them can stand for gigabytes.
 * @throws ChirpdError CONFIG_SYNTAX
 */
export function plainValue(document: Document<ParsedNode>, file: string, lineCounter: LineCounter): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw syntaxError(file, lineCounter, mistakesOf(document, errorText(error)));
  }
}

function mistakesOf(document: Document<ParsedNode>, text: string): readonly Mistake[] {
  const aliases: Alias[] = [];
  let mergeAt: number | undefined;
  visit(document, {
    Alias: (_key, alias) => {
      aliases.push(alias);
    },
    Pair: (_key, { key }) => {
      if (isScalar(key) && key.source === '<<') mergeAt ??= key.range?.[0];
    },
  });
  const unknown = aliases.filter((alias) => alias.resolve(document) === undefined);
  if (unknown.length > 0) {
    return unknown.map(({ source, range }) => ({
      message: `*${source} stands for nothing: there is no &${source} before it`,
      at: range?.[0],
    }));
  }
  if (/alias count/i.test(text)) {
    return [{ message: 'the aliases (*...) stand for too much: write out what is meant', at: aliases[0]?.range?.[0] }];
  }
  return [{ message: text, at: mergeAt }];
}
