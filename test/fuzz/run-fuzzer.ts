import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GROWTH_LIMIT_BYTES, MemoryWatch } from './memory-watch.js';
import type { FuzzChildMessage, FuzzTask } from './messages.js';

/** What came of one fuzzer. */
export interface FuzzResult {
  readonly name: string;
  readonly nInputs: number;
  readonly seconds: number;
  /** How inputs ended, and how often. */
  readonly counts: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  /** Held after a collection, the last quarter against the first; undefined: too few batches to say. */
  readonly grownBytes: number | undefined;
  /** What went wrong, each with how to have it again. */
  readonly failures: readonly string[];
}

export interface RunFuzzerOptions {
  readonly task: FuzzTask;
  readonly childFile: string;
  /** Where inputs that failed are kept. */
  readonly folder: string;
  readonly onProgress: (nInputs: number, heldBytes: number) => void;
}

/** The product has faults; more of them are not news. */
const MOST_FAILURES = 10;
/** An inside that grows without bound ends the process before the machine. */
const HEAP_MEGABYTES = 1024;

/** Runs a fuzzer in a process of its own. */
export async function runFuzzer({ task, childFile, folder, onProgress }: RunFuzzerOptions): Promise<FuzzResult> {
  const startMs = performance.now();
  const counts: Record<string, number> = {};
  const failures: string[] = [];
  const memory = new MemoryWatch();
  let nInputs = 0;
  let slowestMs = 0;
  let isDone = false;
  let complaint = '';
  const child = fork(childFile, [task.name], {
    execArgv: [`--max-old-space-size=${String(HEAP_MEGABYTES)}`],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-4000);
  });
  child.on('message', (message: FuzzChildMessage) => {
    if (message.type === 'done') isDone = true;
    else nInputs += message.nDone;
    if (message.type === 'batch') {
      for (const [outcome, n] of Object.entries(message.counts)) counts[outcome] = (counts[outcome] ?? 0) + n;
      slowestMs = Math.max(slowestMs, message.slowestMs);
      memory.add(message.heldBytes);
      onProgress(nInputs, message.heldBytes);
    } else if (message.type === 'failure') {
      failures.push(told(task.name, message, kept(folder, task.name, message)));
      if (failures.length >= MOST_FAILURES) child.kill('SIGKILL');
    }
  });
  child.send(task);
  const how = await new Promise<string>((resolve) => {
    child.once('close', (code, signal) => {
      resolve(signal ?? `code ${String(code)}`);
    });
  });
  if (!isDone && failures.length < MOST_FAILURES) failures.push(`its process ended with ${how}: ${complaint.trim()}`);
  const { grownBytes } = memory;
  if (grownBytes !== undefined && grownBytes > GROWTH_LIMIT_BYTES) {
    failures.push(`what is held after a collection grew by ${(grownBytes / 1e6).toFixed(1)} MB`);
  }
  return {
    name: task.name,
    nInputs,
    seconds: (performance.now() - startMs) / 1000,
    counts,
    slowestMs,
    grownBytes,
    failures,
  };
}

type FailureMessage = Extract<FuzzChildMessage, { readonly type: 'failure' }>;

/** Writes an input that failed. @returns its path; empty where no single one did */
function kept(folder: string, name: string, { seed, number, input }: FailureMessage): string {
  if (input === '') return '';
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}-${String(seed)}-${String(number)}.bin`);
  writeFileSync(path, Buffer.from(input, 'base64'));
  return path;
}

function told(name: string, { seed, batch, number, text }: FailureMessage, path: string): string {
  const again = `npm run fuzz -- --only ${name} --seed ${String(seed)} --inputs ${String(batch)}`;
  return `input ${String(number)}: ${text}\n    again: ${again}${path === '' ? '' : `\n    kept: ${path}`}`;
}
