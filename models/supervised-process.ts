import { type ChildProcess, fork } from 'node:child_process';
import { ChirpdError } from '../pipelines/core/errors.js';
import type { InferenceReply, LoadedReply, LoadRequest, RanReply, RunRequest } from './inference-messages.js';

export interface SupervisedProcessOptions {
  /** The built inference-process.js. */
  readonly entry: string;
  readonly load: LoadRequest;
  /** A batch that takes longer hangs: the process is killed and replaced. */
  readonly hangMs: number;
  /** A load (the providers' self-tests included) that takes longer hangs. */
  readonly loadMs: number;
  readonly onState: (state: ProcessState) => void;
}

export type ProcessState =
  | { readonly type: 'loading' }
  | { readonly type: 'ready'; readonly provider: string; readonly passedOver: readonly string[] }
  | { readonly type: 'replacing'; readonly reason: string; readonly nRestarts: number };

/** Between a fault and the next process; doubles with each fault in a row. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/**
 * One inference process at a time: started, loaded, watched, killed when it hangs, replaced when it dies. A batch in
 * flight at that moment is given to the next process, so that no canvas is lost; a batch that was at three deaths is
 * refused.
 */
export class SupervisedProcess {
  private readonly options: SupervisedProcessOptions;
  private child: ChildProcess | undefined;
  private ready = false;
  private stopped = false;
  private nRestarts = 0;
  private nFaultsInARow = 0;
  private watchdog: NodeJS.Timeout | undefined;
  private pause: NodeJS.Timeout | undefined;
  private current: { request: RunRequest; nDeaths: number; settle: Settle<RanReply> } | undefined;
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

  /** One batch at a time: call again only after the promise has settled. */
  run(request: RunRequest): Promise<RanReply> {
    if (this.current || this.stopped) {
      return Promise.reject(new ChirpdError('MODEL_STOPPED', 'the inference process is busy or stopped'));
    }
    return new Promise((resolve, reject) => {
      this.current = { request, nDeaths: 0, settle: { resolve, reject } };
      if (this.ready) this.send();
    });
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.watchdog);
    clearTimeout(this.pause);
    this.child?.kill('SIGKILL');
    const error = new ChirpdError('MODEL_STOPPED', 'the inference process was stopped');
    this.current?.settle.reject(error);
    this.loading?.reject(error);
    this.current = this.loading = undefined;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  private spawn(): void {
    this.options.onState({ type: 'loading' });
    const child = fork(this.options.entry, [], {
      serialization: 'advanced',
      execArgv: [],
      // The runtime reports its use to its maker unless told not to; nothing of chirpd calls home.
      // eslint-disable-next-line no-restricted-properties -- handed on, not read
      env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
    });
    this.child = child;
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

  private post(child: ChildProcess, message: LoadRequest | RunRequest): void {
    // A dead channel is reported by 'exit', which replaces the process.
    if (child.connected) child.send(message, () => undefined);
  }

  private watch(milliseconds: number, reason: string): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => {
      const child = this.child;
      if (!child) return;
      child.kill('SIGKILL');
      this.died(child, reason);
    }, milliseconds);
  }

  private send(): void {
    if (!this.current || !this.child) return;
    this.watch(this.options.hangMs, 'a batch hung');
    this.post(this.child, this.current.request);
  }

  private receive(reply: InferenceReply): void {
    clearTimeout(this.watchdog);
    const { current, loading } = this;
    switch (reply.type) {
      case 'loaded':
        this.ready = true;
        this.options.onState({ type: 'ready', provider: reply.provider, passedOver: reply.passedOver });
        this.loading = undefined;
        loading?.resolve(reply);
        this.send();
        return;
      case 'ran':
        this.nFaultsInARow = 0;
        this.current = undefined;
        current?.settle.resolve(reply);
        return;
      case 'failed':
        if (reply.id === undefined) {
          this.fail(new ChirpdError('MODEL_LOAD', reply.message));
        } else {
          this.current = undefined;
          current?.settle.reject(new ChirpdError('MODEL_RUN', reply.message));
        }
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
    clearTimeout(this.watchdog);
    if (this.stopped) return;
    if (this.loading) {
      this.fail(new ChirpdError('MODEL_LOAD', `the inference process ${reason} while it loaded the model`));
      return;
    }
    this.nRestarts++;
    this.options.onState({ type: 'replacing', reason, nRestarts: this.nRestarts });
    if (this.current && ++this.current.nDeaths >= 3) {
      const { settle } = this.current;
      this.current = undefined;
      settle.reject(new ChirpdError('MODEL_RUN', `a batch ended the inference process three times: ${reason}`));
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
