/**
 * The inference process: started by `SupervisedProcess`. Its main thread reads requests and hands them to the thread that
 * runs the model, so that the next batch is here when a batch ends: two megabytes do not fit into the channel, and the
 * daemon may be busy when they are wanted. A native fault in the runtime ends this process and not the daemon.
 */
import { Worker } from 'node:worker_threads';
import type { InferenceReply, InferenceRequest } from './inference-messages.js';

const thread = new Worker(new URL('./inference-thread.js', import.meta.url));

process.on('message', (request: InferenceRequest) => {
  if (request.type !== 'run') {
    thread.postMessage(request);
    return;
  }
  // What was read lies in a buffer that may hold other messages too, so it cannot be handed over as it is.
  const canvases = request.canvases.slice();
  thread.postMessage({ ...request, canvases }, [canvases.buffer]);
});
thread.on('message', (reply: InferenceReply) => {
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
