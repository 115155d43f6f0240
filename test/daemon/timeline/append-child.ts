import { rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Timeline } from '../../../daemon/timeline/timeline.js';
import { gapDraft } from './drafts.js';

/*
 * Appends drafts number `first`, `first` + 1, ... at full speed until it is killed: eight appends under way at a time,
 * each acknowledged on standard output as "number cursor". With "steal", the lock of the directory's owner is removed
 * first.
 */
const [directory = '', first = '0', mode] = process.argv.slice(2);
if (mode === 'steal') rmSync(join(directory, 'owner.lock'));

const timeline = await Timeline.open(directory);
let next = Number(first);

/** Writes at once, so that a kill cannot take back what was said; waits while the reader's pipe is full. */
async function acknowledge(line: string): Promise<void> {
  for (;;) {
    try {
      writeSync(1, line);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

async function appendForever(): Promise<never> {
  for (;;) {
    const i = next++;
    const { cursor } = await timeline.append(gapDraft(i));
    await acknowledge(`${String(i)} ${String(cursor)}\n`);
  }
}

await Promise.all(Array.from({ length: 8 }, appendForever));
