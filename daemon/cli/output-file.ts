import { closeSync, openSync, writeSync } from 'node:fs';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';

/** A file that a result goes into. */
export interface OutputFile {
  write(text: string): void;
  close(): void;
}

/**
 * Opens a file for a result, replacing what was there: before the work begins, so that a path that cannot be written is
 * told at once.
 * @throws ChirpdError SINK_FILE, here and while writing
 */
export function openOutputFile(path: string): OutputFile {
  const file = attempt(path, () => openSync(path, 'w'));
  return {
    write: (text) => {
      attempt(path, () => writeSync(file, text));
    },
    close: () => {
      attempt(path, () => {
        closeSync(file);
      });
    },
  };
}

function attempt<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw new ChirpdError('SINK_FILE', `cannot write ${path}: ${errorText(error)}`, { cause: error });
  }
}
