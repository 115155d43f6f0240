import { setTimeout as sleep } from 'node:timers/promises';
import { BedRecorder } from '../../../daemon/recording/bed-recorder.js';
import { blocks, streamInfo } from './made-stream.js';

/*
 * Records blocks of a quarter of a second, one every few milliseconds, and says "file START SECONDS" when so many seconds
 * of the file that began at START (Unix microseconds) are on disk, "state PROBLEM" when recording stops or goes on, and
 * "left SAMPLES" at the end.
 */
const [folder = '', nSamples = '0', startMicros] = process.argv.slice(2);

// Under a limit on the size of files a write fails then, as on a full disk, and nothing ends the process.
process.on('SIGXFSZ', () => undefined);

const info = streamInfo(startMicros === undefined ? {} : { startTimeMicros: Number(startMicros) });
const recorder = new BedRecorder({
  folder,
  retryMs: 20,
  onWritten: ({ begun, nRecords }) => {
    process.stdout.write(`file ${String(begun.startMicros)} ${String(nRecords)}\n`);
  },
  onState: (problem) => {
    process.stdout.write(`state ${problem}\n`);
  },
});
recorder.take(info);
for (const block of blocks(info, 0, Number(nSamples))) {
  recorder.take(block);
  await sleep(3);
}
await recorder.stop();
process.stdout.write(`left ${String(recorder.nLeftOut)}\n`);
