import { readFileSync } from 'node:fs';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';

/** @throws ChirpdError SCORE_READ */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ChirpdError('SCORE_READ', `cannot read ${path}: ${errorText(cause)}`, { cause });
  }
}
