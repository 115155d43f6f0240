import { resolve } from 'node:path';
import type { EventMessage } from '../protocol/messages.js';
import type { CliContext } from './context.js';
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

/**
 * Where events go as `--events` says: `-` is stdout.
 * @throws ChirpdError SINK_FILE
 */
export function openEventSink(
  name: string | undefined,
  { folder, stdout }: Pick<CliContext, 'folder' | 'stdout'>,
): EventSink | undefined {
  if (name === undefined) return undefined;
  if (name !== '-') return openEventFile(resolve(folder, name));
  return {
    write: (event) => {
      stdout.write(`${JSON.stringify(event)}\n`);
    },
    close: () => undefined,
  };
}
