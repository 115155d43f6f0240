import { statSync } from 'node:fs';
import { errorText } from '../pipelines/core/errors.js';

/** Another one after each change of the file or of who may read it. A file that cannot be looked at has one too: it is told once. */
export function fileStamp(path: string): string {
  try {
    const { mtimeMs, ctimeMs, size, ino } = statSync(path);
    return [mtimeMs, ctimeMs, size, ino].join(' ');
  } catch (error) {
    return errorText(error);
  }
}
