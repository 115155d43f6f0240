/** One fuzzer in a process of its own, in batches: `child.mjs NAME`, with its task as the first message. */
import { bytesHeld } from '../bytes-held.js';
import { errorText } from '../../pipelines/core/errors.js';
import { FuzzFailure } from './fuzz-failure.js';
import { FUZZERS } from './fuzzers.js';
import { HangWatch } from './hang-watch.js';
import type { FuzzChildMessage, FuzzTask } from './messages.js';

/** An input that takes longer hangs. On a machine that does much else, seconds are little. */
const HANG_MS = 90_000;

function tell(message: FuzzChildMessage): void {
  process.send?.(message);
}

async function run({ name, seed, nInputs, batch, endMs }: FuzzTask): Promise<void> {
  const fuzzer = await FUZZERS[name]();
  for (let nDone = 0, number = 0; nDone < nInputs && Date.now() < endMs; number++) {
    const n = Math.min(batch, nInputs - nDone);
    const watch = new HangWatch(HANG_MS, `${name}, seed ${String(seed + number)}`);
    let nBegun = 0;
    try {
      const outcomes = await fuzzer.run({
        nInputs: n,
        seed: seed + number,
        onInput: (i) => {
          nBegun = Math.max(nBegun, i);
          watch.begin(i);
        },
      });
      watch.pause();
      nDone += n;
      tell({
        type: 'batch',
        nDone: n,
        counts: outcomes.counts,
        slowestMs: outcomes.slowestMs,
        heldBytes: outcomes.heldBytes ?? (await bytesHeld()),
      });
    } catch (error) {
      watch.pause();
      nDone += n;
      const input = error instanceof FuzzFailure ? Buffer.from(error.input).toString('base64') : '';
      const failed = error instanceof FuzzFailure ? error.number : nBegun;
      tell({
        type: 'failure',
        seed: seed + number,
        batch: n,
        nDone: Math.min(n, failed + 1),
        number: failed,
        text: errorText(error),
        input,
      });
    } finally {
      await watch.stop();
    }
  }
  await fuzzer.stop?.();
}

process.once('message', (task: FuzzTask) => {
  run(task).then(
    () => {
      tell({ type: 'done' });
      process.disconnect();
      // Whatever is left open must not keep the others waiting.
      setTimeout(() => process.exit(0), 1000).unref();
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : errorText(error)}\n`);
      process.exit(1);
    },
  );
});
