/**
 * The inference process: started by `SupervisedProcess`. Its main thread reads requests and hands them to the thread that
 * runs the model, so that the next batch is here when a batch ends: two megabytes do not fit into the channel, and the
 * daemon may be busy when they are wanted. A native fault in the runtime ends this process and not the daemon.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { CANVAS } from '../pipelines/core/profile.js';
import { CanvasReader } from './canvas-channel.js';
import type { InferenceRequest, Run, ThreadReply } from './inference-messages.js';

const PIXELS = CANVAS.rows * CANVAS.columns;
/** How much sooner than the daemon this process is to be ended where memory runs out (0 - 1000). */
const SOONER = 300;

/** The daemon replaces this process and loses nothing by it; nobody but a service manager replaces the daemon. */
function offerToTheKernel(): void {
  const path = '/proc/self/oom_score_adj';
  try {
    writeFileSync(path, String(Math.min(1000, Number(readFileSync(path, 'utf8')) + SOONER)));
  } catch {
    // Not Linux, or /proc is not there: the kernel chooses by size.
  }
}

offerToTheKernel();
const thread = new Worker(new URL('./inference-thread.js', import.meta.url));

const reader = new CanvasReader();

process.on('message', (request: InferenceRequest) => {
  if (request.type !== 'run') {
    thread.postMessage(request);
    return;
  }
  reader.read(request.n * PIXELS, (canvases) => {
    thread.postMessage({ ...request, canvases } satisfies Run, [canvases.buffer as ArrayBuffer]);
  });
});
thread.on('message', ({ reply, canvases }: ThreadReply) => {
  if (canvases) reader.giveBack(canvases);
  // A daemon that has died takes no replies: no error of this process, which 'disconnect' ends.
  process.send?.(reply, undefined, undefined, () => undefined);
});
thread.on('error', (error) => {
  throw error;
});
// The daemon is gone: nobody is left to answer. An orderly exit would wait for the batch that runs, or abort in it.
const end = (): void => {
  process.kill(process.pid, 'SIGKILL');
};
process.on('disconnect', end);
// It may have gone before the line above; the thread alone would keep this process alive for ever.
if (!process.connected) end();
// Signals of the terminal are the daemon's business.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
