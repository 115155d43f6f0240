import { closeSync, openSync, writeSync } from 'node:fs';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import type { EventMessage } from '../protocol/messages.js';

/** Where a replay's events go, one JSON message a line. */
export interface EventSink {
  write(event: EventMessage): void;
  close(): void;
}

/**
 * Opens a file of events, replacing what was there. Each line is in the file when `write` returns.
 * @throws ChirpdError SINK_FILE, here and while writing
 */
export function openEventFile(path: string): EventSink {
  const file = attempt(path, () => openSync(path, 'w'));
  return {
    write: (event) => {
      attempt(path, () => writeSync(file, `${JSON.stringify(event)}\n`));
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
