import type { z } from 'zod';
import { ChirpdError, type ErrorCode } from '../../pipelines/core/errors.js';

/** An error whose answer says more than a text: `details` are fields beside `code` and `message`. */
export class DetailedError extends ChirpdError {
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>>) {
    super(code, message);
    this.details = details;
  }
}

/**
 * A body that is not as it should be: everything that is wrong with it at once, as text and as `issues`.
 *
 * @param what it should be, for people
 */
export function badBody(what: string, error: z.ZodError): DetailedError {
  const issues = error.issues.map(({ path, message }) => ({ path: path.join('.') || 'body', message }));
  const text = issues.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return new DetailedError('PROTOCOL_BAD_BODY', `${what}: ${text}`, { issues });
}
