import { errorText } from '../pipelines/core/errors.js';

const LONGEST = 240;

/**
 * What a provider complains of, in one line: the runtime puts the place in its source before it, and what it had been
 * doing behind it.
 */
export function providerError(error: unknown): string {
  const text = errorText(error);
  const [line = ''] = text.replace(/^.*(?: was false\. |\[ONNXRuntimeError\] : \d+ : \w+ : )/s, '').split('\n');
  const shown = line.trim() === '' ? text.trim() : line.trim();
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)} ...` : shown;
}
