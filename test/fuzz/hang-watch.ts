import { Worker } from 'node:worker_threads';

/** In a thread of its own, as a loop without an end lets nothing else run in this one. */
const WATCH = `
const { workerData } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const seen = new Int32Array(workerData.shared);
let last = -1;
let sinceMs = performance.now();
setInterval(() => {
  const count = Atomics.load(seen, 0);
  if (count !== last || Atomics.load(seen, 2) === 0) {
    last = count;
    sinceMs = performance.now();
  } else if (performance.now() - sinceMs > workerData.limitMs) {
    writeSync(2, workerData.text + ': input ' + Atomics.load(seen, 1) + ' has hung for ' + workerData.limitMs / 1000 + ' s\\n');
    process.kill(process.pid, 'SIGKILL');
  }
}, 200);
`;

/** Ends this process when an input takes longer than it may, whatever the process does meanwhile. */
export class HangWatch {
  readonly #seen = new Int32Array(new SharedArrayBuffer(12));
  readonly #worker: Worker;

  /** @param text what is written in front of the number of the input */
  constructor(limitMs: number, text: string) {
    this.#worker = new Worker(WATCH, { eval: true, workerData: { shared: this.#seen.buffer, limitMs, text } });
    this.#worker.unref();
  }

  /** An input begins. */
  begin(number: number): void {
    Atomics.store(this.#seen, 1, number);
    Atomics.store(this.#seen, 2, 1);
    Atomics.add(this.#seen, 0, 1);
  }

  /** Until the next input nothing can hang. */
  pause(): void {
    Atomics.store(this.#seen, 2, 0);
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
