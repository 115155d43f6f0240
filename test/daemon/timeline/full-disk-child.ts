import { setTimeout } from 'node:timers/promises';
import { AppendQueue } from '../../../daemon/timeline/append-queue.js';
import { Timeline } from '../../../daemon/timeline/timeline.js';
import { gapDraft } from './drafts.js';

/*
 * Queues drafts under a limit on file size. Says "refused" when the timeline refuses, goes on queueing, and says
 * "done NEWEST LOST FAILED-WRITES" when all are stored.
 */
const [directory = '', nDrafts = '0'] = process.argv.slice(2);

process.on('unhandledRejection', (error) => {
  process.stdout.write(`unhandled ${String(error)}\n`);
});
const timeline = await Timeline.open(directory);
const queue = new AppendQueue(timeline, { retryMs: 20, maxRetryMs: 100 });
let isToldRefused = false;
for (let i = 0; i < Number(nDrafts); i++) {
  queue.add(gapDraft(i));
  if (i % 50 === 0) await setTimeout(2);
  if (queue.failure !== '' && !isToldRefused) {
    isToldRefused = true;
    process.stdout.write(`refused ${queue.failure}\n`);
  }
}
await queue.drained();
process.stdout.write(
  `done ${String(timeline.newestCursor)} ${String(queue.nLost)} ${String(timeline.nFailedWrites)}\n`,
);
await timeline.close();
