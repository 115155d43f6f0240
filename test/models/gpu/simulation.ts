import { Random } from '../../../adapters/synthetic/random.js';
import { gpuBatchSizes, sizeFor } from '../../../models/batch-sizes.js';
import { MAX_IN_FLIGHT } from '../../../models/supervised-process.js';
import { EventQueue } from './event-queue.js';
import { Server } from './server.js';

export interface SimulationOptions {
  readonly beds: number;
  readonly derivations: number;
  readonly stepSeconds: number;
  /** Daemons that share the beds and the GPU, each with a main thread and an inference process of its own. */
  readonly daemons: number;
  readonly maxBatch: number;
  /** A batch that is not full waits so long after its oldest step. */
  readonly waitMs: number;
  /** Canvases of one daemon that may wait; past that a step is left out. */
  readonly maxWaiting: number;
  /** Part of the canvases that the model sees. */
  readonly seenShare: number;
  /** Main thread of a daemon: all that a step of a bed costs it. */
  readonly mainMsPerStep: number;
  /** Inference process: reading a canvas from the daemon's channel, on a thread of its own. */
  readonly readMsPerCanvas: number;
  /** Its other thread: launching the kernels of a batch, however large it is. The GPU works meanwhile. */
  readonly launchMsPerBatch: number;
  /** GPU: a canvas of the batch, filled up to its size; to the device and through the network. */
  readonly gpuMsPerCanvas: number;
  readonly seconds: number;
  readonly seed: number;
}

export interface SimulationResult {
  readonly nSteps: number;
  readonly nLeftOut: number;
  /** Canvases of a batch, without what fills it up. */
  readonly meanBatch: number;
  /** From a step of a bed to its answer; of steps that were answered. */
  readonly delayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Parts of the time in which each works; of the busiest daemon. Over 1: it falls behind more and more. */
  readonly load: { readonly main: number; readonly read: number; readonly run: number; readonly gpu: number };
}

interface Step {
  readonly atMs: number;
  nWaiting: number;
  nOnTheirWay: number;
}

interface SimulatedBatch {
  readonly n: number;
  readonly parts: readonly { readonly step: Step; readonly n: number }[];
}

/** Beds begin at random; what happens in the first seconds is not counted. */
const SETTLED_MS = 5000;

/**
 * A discrete-event simulation, not a measurement: beds that ask for a look at all their derivations at each step, daemons
 * with one main thread each, and one GPU.
 */
export function simulate(options: SimulationOptions): SimulationResult {
  const { beds, daemons, stepSeconds, seconds, seed } = options;
  const events = new EventQueue();
  const gpu = new Server(events);
  const all = Array.from({ length: daemons }, () => new SimulatedDaemon(options, events, gpu));
  const random = new Random(seed, 'phases');
  const endMs = SETTLED_MS + seconds * 1000;
  for (let bed = 0; bed < beds; bed++) {
    const daemon = all[bed % daemons]!;
    for (let atMs = random.uniform() * stepSeconds * 1000; atMs < endMs; atMs += stepSeconds * 1000)
      events.at(atMs, () => daemon.step());
  }
  events.run();
  const delays = all.flatMap(({ delaysMs }) => delaysMs).sort((a, b) => a - b);
  const at = (share: number): number => delays[Math.min(delays.length - 1, Math.floor(share * delays.length))] ?? NaN;
  const sum = (of: (daemon: SimulatedDaemon) => number): number => all.reduce((total, daemon) => total + of(daemon), 0);
  const busiest = (of: (daemon: SimulatedDaemon) => Server): number =>
    Math.max(...all.map((daemon) => of(daemon).busyMs)) / endMs;
  return {
    nSteps: sum(({ nSteps }) => nSteps),
    nLeftOut: sum(({ nLeftOut }) => nLeftOut),
    meanBatch: sum(({ nCanvases }) => nCanvases) / sum(({ nBatches }) => nBatches),
    delayMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
    load: {
      main: busiest(({ main }) => main),
      read: busiest(({ reader }) => reader),
      run: busiest(({ runner }) => runner),
      gpu: gpu.busyMs / endMs,
    },
  };
}

class SimulatedDaemon {
  readonly main: Server;
  readonly reader: Server;
  readonly runner: Server;
  nSteps = 0;
  nLeftOut = 0;
  nCanvases = 0;
  nBatches = 0;
  readonly delaysMs: number[] = [];
  readonly #options: SimulationOptions;
  readonly #events: EventQueue;
  readonly #gpu: Server;
  readonly #sizes: readonly number[];
  readonly #queue: Step[] = [];
  #nWaiting = 0;
  #nInFlight = 0;
  #wakesMs = -1;
  readonly #read: SimulatedBatch[] = [];
  #isRunning = false;

  constructor(options: SimulationOptions, events: EventQueue, gpu: Server) {
    this.#options = options;
    this.#events = events;
    this.#gpu = gpu;
    this.#sizes = gpuBatchSizes(options.maxBatch);
    [this.main, this.reader, this.runner] = [new Server(events), new Server(events), new Server(events)];
  }

  /** Samples for a step have come. */
  step(): void {
    const { mainMsPerStep, derivations, seenShare, maxWaiting } = this.#options;
    const atMs = this.#events.nowMs;
    const n = Math.max(1, Math.round(derivations * seenShare));
    this.#events.at(this.main.takes(mainMsPerStep), () => {
      this.nSteps++;
      if (this.#nWaiting + n > maxWaiting) {
        this.nLeftOut++;
        return;
      }
      this.#nWaiting += n;
      this.#queue.push({ atMs, nWaiting: n, nOnTheirWay: 0 });
      this.#fill();
    });
  }

  #fill(): void {
    const { maxBatch, waitMs } = this.#options;
    while (this.#nInFlight < MAX_IN_FLIGHT) {
      const [oldest] = this.#queue;
      if (oldest === undefined) return;
      const n = this.#queue.reduce((total, { nWaiting }) => total + nWaiting, 0);
      const leavesMs = oldest.atMs + waitMs;
      if (n < maxBatch && this.#events.nowMs < leavesMs) {
        if (this.#wakesMs < leavesMs) this.#events.at((this.#wakesMs = leavesMs), () => this.#fill());
        return;
      }
      this.#send(Math.min(n, maxBatch));
    }
  }

  #send(n: number): void {
    const batch = { n, parts: this.#take(n) };
    this.#nInFlight++;
    this.nBatches++;
    this.nCanvases += n;
    this.#events.at(this.reader.takes(n * this.#options.readMsPerCanvas), () => {
      this.#read.push(batch);
      if (!this.#isRunning) this.#runNext();
    });
  }

  /** The thread is taken until the answer is here: it launches while the GPU works, and then waits. */
  #runNext(): void {
    const batch = this.#read.shift();
    this.#isRunning = batch !== undefined;
    if (batch === undefined) return;
    const { launchMsPerBatch, gpuMsPerCanvas } = this.#options;
    const { nowMs } = this.#events;
    const computedMs = this.#gpu.takes(sizeFor(batch.n, this.#sizes) * gpuMsPerCanvas);
    const endMs = this.runner.takes(Math.max(launchMsPerBatch, computedMs - nowMs));
    this.#events.at(endMs, () => {
      this.#answer(batch);
      this.#runNext();
    });
  }

  #take(n: number): SimulatedBatch['parts'] {
    const parts: { readonly step: Step; readonly n: number }[] = [];
    for (let left = n; left > 0;) {
      const step = this.#queue[0]!;
      const taken = Math.min(step.nWaiting, left);
      step.nWaiting -= taken;
      step.nOnTheirWay += taken;
      left -= taken;
      parts.push({ step, n: taken });
      if (step.nWaiting === 0) this.#queue.shift();
    }
    return parts;
  }

  #answer({ parts, n }: SimulatedBatch): void {
    this.#nInFlight--;
    this.#nWaiting -= n;
    for (const { step, n: nPart } of parts) {
      step.nOnTheirWay -= nPart;
      if (step.nWaiting > 0 || step.nOnTheirWay > 0 || step.atMs < SETTLED_MS) continue;
      this.delaysMs.push(this.#events.nowMs - step.atMs);
    }
    this.#fill();
  }
}
