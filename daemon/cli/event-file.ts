import type { EventMessage } from '../protocol/messages.js';
import { openOutputFile } from './output-file.js';

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
  const file = openOutputFile(path);
  return {
    write: (event) => {
      file.write(`${JSON.stringify(event)}\n`);
    },
    close: () => {
      file.close();
    },
  };
}
