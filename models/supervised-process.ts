import { type ChildProcess, fork } from 'node:child_process';
import { ChirpdError } from '../pipelines/core/errors.js';
import type { AdapterStack } from './adapter-stack.js';
import { canvasChannelOf, INFERENCE_STDIO } from './canvas-channel.js';
import type {
  InferenceReply,
  InferenceRequest,
  LoadedReply,
  LoadRequest,
  RanReply,
  RunRequest,
} from './inference-messages.js';
import { WakingTimer } from './waking-timer.js';

export interface SupervisedProcessOptions {
  /** The built inference-process.js. */
  readonly entry: string;
  readonly load: LoadRequest;
  /** A batch that takes longer hangs: the process is killed and replaced. */
  readonly hangMs: number;
  /** A batch that takes longer is told of: nothing is found meanwhile. */
  readonly lateMs: number;
  /** A load (the providers' self-tests included) that takes longer hangs. */
  readonly loadMs: number;
  readonly onState: (state: ProcessState) => void;
}

export type ProcessState =
  | { readonly type: 'loading' }
  | { readonly type: 'ready'; readonly provider: string; readonly passedOver: readonly string[] }
  /** It does not answer; it is given until `hangMs`. */
  | { readonly type: 'late'; readonly reason: string }
  /** It answers again, without having been replaced. */
  | { readonly type: 'answering' }
  | { readonly type: 'replacing'; readonly reason: string; readonly nRestarts: number };

/** Between a fault and the next process; doubles with each fault in a row. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/** One batch runs and one waits in the process, so that it need not idle while a megabyte crosses the channel. */
export const MAX_IN_FLIGHT = 2;

/** A batch on its way, with the adapters it chooses from. */
interface Flight {
  readonly request: RunRequest;
  readonly canvases: Float32Array;
  readonly stack: AdapterStack;
  readonly settle: Settle<RanReply>;
  nDeaths: number;
}

/**
 * One inference process at a time: started, loaded, watched, killed when it hangs, replaced when it dies. Batches in
 * flight at that moment are given to the next process, so that no canvas is lost; a batch that ran at three deaths is
 * refused.
 */
export class SupervisedProcess {
  private readonly options: SupervisedProcessOptions;
  private child: ChildProcess | undefined;
  private ready = false;
  private stopped = false;
  private nRestarts = 0;
  private nFaultsInARow = 0;
  private readonly watchdog = new WakingTimer();
  private readonly lateness = new WakingTimer();
  private isLate = false;
  private pause: NodeJS.Timeout | undefined;
  /** Oldest first: that one runs. */
  private flights: Flight[] = [];
  /** Of the stack that the process has; what it was loaded with is not told apart from none. */
  private stackVersion = -1;
  private loading: Settle<LoadedReply> | undefined;

  constructor(options: SupervisedProcessOptions) {
    this.options = options;
  }

  /**
   * Starts the first process; resolves when the model is loaded and gave its golden outputs.
   *
   * @throws ChirpdError `MODEL_LOAD` if the model cannot be loaded on any provider, or the process dies in it
   */
  start(): Promise<LoadedReply> {
    return new Promise((resolve, reject) => {
      this.loading = { resolve, reject };
      this.spawn();
    });
  }

  /** At most MAX_IN_FLIGHT at a time; they are answered in order. */
  run(request: RunRequest, canvases: Float32Array, stack: AdapterStack): Promise<RanReply> {
    if (this.flights.length >= MAX_IN_FLIGHT || this.stopped) {
      return Promise.reject(new ChirpdError('MODEL_STOPPED', 'the inference process is busy or stopped'));
    }
    return new Promise((resolve, reject) => {
      const flight = { request, canvases, stack, settle: { resolve, reject }, nDeaths: 0 };
      this.flights.push(flight);
      if (this.ready) this.send(flight);
    });
  }

  stop(): void {
    this.stopped = true;
    this.unwatch();
    clearTimeout(this.pause);
    this.child?.kill('SIGKILL');
    const error = new ChirpdError('MODEL_STOPPED', 'the inference process was stopped');
    for (const { settle } of this.flights) settle.reject(error);
    this.loading?.reject(error);
    this.flights = [];
    this.loading = undefined;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  private spawn(): void {
    this.options.onState({ type: 'loading' });
    const child = fork(this.options.entry, [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: INFERENCE_STDIO,
      // The runtime reports its use to its maker unless told not to; nothing of chirpd calls home.
      // eslint-disable-next-line no-restricted-properties -- handed on, not read
      env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
    });
    this.child = child;
    // A broken one is that of a process whose end is told below.
    canvasChannelOf(child).on('error', () => undefined);
    child.on('message', (reply: InferenceReply) => {
      if (child === this.child) this.receive(reply);
    });
    child.on('error', (error) => {
      this.died(child, error.message);
    });
    child.on('exit', (code, signal) => {
      this.died(child, signal ? `ended by ${signal}` : `ended with exit code ${code ?? 0}`);
    });
    this.watch(this.options.loadMs, 'loading the model took too long');
    this.post(child, this.options.load);
  }

  private post(child: ChildProcess, message: InferenceRequest): void {
    // A dead channel is reported by 'exit', which replaces the process.
    if (child.connected) child.send(message, () => undefined);
  }

  private unwatch(): void {
    this.watchdog.clear();
    this.lateness.clear();
    this.isLate = false;
  }

  private watchBatch(): void {
    const { hangMs, lateMs, onState } = this.options;
    this.watch(hangMs, 'a batch hung');
    this.lateness.set(lateMs, () => {
      this.isLate = true;
      onState({ type: 'late', reason: `a batch has not been answered for ${String(lateMs / 1000)} s` });
    });
  }

  private watch(milliseconds: number, reason: string): void {
    this.watchdog.set(milliseconds, () => {
      const child = this.child;
      if (!child) return;
      child.kill('SIGKILL');
      this.died(child, reason);
    });
  }

  private send({ request, canvases, stack }: Flight): void {
    if (!this.child) return;
    if (this.flights[0]?.request === request) this.watchBatch();
    if (stack.version !== this.stackVersion) {
      this.post(this.child, { type: 'stack', nAdapters: stack.adapters.length, values: stack.values });
      this.stackVersion = stack.version;
    }
    this.post(this.child, request);
    const { buffer, byteOffset, byteLength } = canvases;
    canvasChannelOf(this.child).write(new Uint8Array(buffer, byteOffset, byteLength));
  }

  private receive(reply: InferenceReply): void {
    const { isLate } = this;
    this.unwatch();
    if (reply.type === 'loaded') {
      const { loading } = this;
      this.ready = true;
      this.stackVersion = -1;
      this.options.onState({ type: 'ready', provider: reply.provider, passedOver: reply.passedOver });
      this.loading = undefined;
      loading?.resolve(reply);
      for (const flight of this.flights) this.send(flight);
      return;
    }
    if (reply.type === 'failed' && reply.id === undefined) {
      this.fail(new ChirpdError('MODEL_LOAD', reply.message));
      return;
    }
    if (isLate) this.options.onState({ type: 'answering' });
    const flight = this.flights.shift();
    // The next one has begun to run.
    if (this.flights.length > 0) this.watchBatch();
    if (reply.type === 'failed') flight?.settle.reject(new ChirpdError('MODEL_RUN', reply.message));
    else {
      this.nFaultsInARow = 0;
      flight?.settle.resolve(reply);
    }
  }

  private fail(error: ChirpdError): void {
    const { loading, child } = this;
    if (loading) {
      this.loading = undefined;
      this.stopped = true;
      child?.kill('SIGKILL');
      loading.reject(error);
    } else if (child) {
      child.kill('SIGKILL');
      this.died(child, error.message);
    }
  }

  private died(child: ChildProcess, reason: string): void {
    if (child !== this.child) return;
    this.child = undefined;
    this.ready = false;
    this.unwatch();
    if (this.stopped) return;
    if (this.loading) {
      this.fail(new ChirpdError('MODEL_LOAD', `the inference process ${reason} while it loaded the model`));
      return;
    }
    this.nRestarts++;
    this.options.onState({ type: 'replacing', reason, nRestarts: this.nRestarts });
    const [running] = this.flights;
    if (running && ++running.nDeaths >= 3) {
      this.flights.shift();
      running.settle.reject(new ChirpdError('MODEL_RUN', `a batch ended the inference process three times: ${reason}`));
    }
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.nFaultsInARow++);
    this.pause = setTimeout(() => {
      if (!this.stopped) this.spawn();
    }, pauseMs);
  }
}

interface Settle<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: ChirpdError) => void;
}
