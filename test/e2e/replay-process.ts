import { join } from 'node:path';
import type { EventMessage } from '../../daemon/protocol/messages.js';
import { DaemonProcess, type Exit } from './daemon-process.js';
import { readEventFile } from './events.js';

export interface ReplayRun {
  readonly events: readonly EventMessage[];
  readonly exit: Exit;
  readonly stderr: string;
}

export interface ReplayRunOptions {
  readonly file: string;
  readonly speed: number | 'max';
  /** Where the event file goes. */
  readonly folder: string;
  /** What the file is called; unique within the folder. */
  readonly name: string;
  /** Derivations; left out: auto. */
  readonly montage?: readonly string[];
  /** Called while it runs. */
  readonly during?: (process: DaemonProcess, eventPath: string) => Promise<void>;
}

/** Runs `chirpd replay` to its end. The bed is called `bed`. */
export async function runReplay({ file, speed, folder, name, montage, during }: ReplayRunOptions): Promise<ReplayRun> {
  const eventPath = join(folder, `${name}.jsonl`);
  const options = ['--bed', 'bed', '--speed', String(speed), '--events', eventPath];
  const replay = new DaemonProcess(['replay', file, ...options, ...(montage ? ['--montage', montage.join(',')] : [])]);
  try {
    await during?.(replay, eventPath);
    const exit = await replay.exited;
    if (exit.code !== 0)
      throw new Error(`chirpd replay ended with ${String(exit.code ?? exit.signal)}:\n${replay.stderr}`);
    return { events: readEventFile(eventPath), exit, stderr: replay.stderr };
  } finally {
    await replay.kill();
  }
}
