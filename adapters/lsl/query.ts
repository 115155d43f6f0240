import { ChirpdError } from '../../pipelines/core/errors.js';
import type { LslOptions } from './options.js';

type Query = Pick<LslOptions, 'session' | 'name' | 'type' | 'sourceId' | 'predicate'>;

/**
 * The condition that outlets answer to: XPath, judged by each outlet on its own stream info.
 * @throws ChirpdError LSL_QUERY where a text cannot be written in XPath, or the predicate holds more than one line
 */
export function streamQuery({ session, name, type, sourceId, predicate }: Query): string {
  if (predicate !== undefined && /[\r\n]/.test(predicate)) {
    throw new ChirpdError('LSL_QUERY', 'the option predicate must be one line');
  }
  const isOpen = name === undefined && sourceId === undefined && predicate === undefined;
  const fields = { session_id: session, name, type: type ?? (isOpen ? 'EEG' : undefined), source_id: sourceId };
  const conditions = Object.entries(fields).flatMap(([field, value]) =>
    value === undefined ? [] : [`${field}=${xpathText(value)}`],
  );
  return [...conditions, ...(predicate === undefined ? [] : [`(${predicate})`])].join(' and ');
}

/** XPath 1.0 has no escapes in texts: one that holds a quote is put in the other ones. */
function xpathText(text: string): string {
  if (!text.includes("'")) return `'${text}'`;
  if (!text.includes('"')) return `"${text}"`;
  throw new ChirpdError('LSL_QUERY', `${text} holds both kinds of quotes and cannot be asked for; use the source id`);
}

/** What was looked for, for people. */
export function queryText({ name, type, sourceId, predicate }: Query): string {
  const parts = [
    ...(name === undefined ? [] : [`name ${JSON.stringify(name)}`]),
    ...(type === undefined ? [] : [`type ${JSON.stringify(type)}`]),
    ...(sourceId === undefined ? [] : [`source id ${JSON.stringify(sourceId)}`]),
    ...(predicate === undefined ? [] : [`predicate ${predicate}`]),
  ];
  return parts.length === 0 ? 'type "EEG"' : parts.join(', ');
}
