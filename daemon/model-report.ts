import type { OnnxDetector } from '../models/detector.js';
import type { ProcessState } from '../models/supervised-process.js';

/** `late`: a batch has not been answered for long; it is slow, or hangs. `stopped`: it is being loaded or replaced, or cannot be. */
export type ModelActivity = 'running' | 'late' | 'stopped';

const ACTIVITIES = {
  loading: 'stopped',
  ready: 'running',
  late: 'late',
  answering: 'running',
  replacing: 'stopped',
} as const satisfies Readonly<Record<ProcessState['type'], ModelActivity>>;

/** What is known of the model, and of the process that runs it. */
export class ModelReport {
  #problem = '';
  #provider = '';
  #passedOver: readonly string[] = [];
  #readyMs = 0;
  #nRestarts = 0;
  #activity: ModelActivity = 'stopped';

  /** Why the model does not run now; '' while it does, or has not been started. */
  get problem(): string {
    return this.#problem;
  }

  /** Providers before the one in use, and why they are not. */
  get passedOver(): readonly string[] {
    return this.#passedOver;
  }

  /** What runs the model instead of what should, and why; '' where all is as configured. */
  get fallenBack(): string {
    if (this.#passedOver.length === 0) return '';
    return `The model runs on ${this.#provider} and not as configured: ${this.#passedOver.join('; ')}`;
  }

  get activity(): ModelActivity {
    return this.#activity;
  }

  take(state: ProcessState): void {
    this.#activity = ACTIVITIES[state.type];
    if (state.type === 'replacing') {
      this.#problem = `the model does not run and is started again: ${state.reason}`;
      this.#nRestarts = state.nRestarts;
    } else if (state.type === 'late') {
      this.#problem = `the model does not answer: ${state.reason}`;
    } else if (state.type === 'answering') {
      this.#problem = '';
    } else if (state.type === 'ready') {
      this.#problem = '';
      this.#provider = state.provider;
      this.#passedOver = state.passedOver;
      this.#readyMs = state.milliseconds;
    }
  }

  /** It could not be loaded. @returns whether that is news */
  failed(problem: string): boolean {
    const text = `the model cannot be loaded, which is tried again: ${problem}`;
    const isNew = this.#problem !== text;
    this.#problem = text;
    return isNew;
  }

  /** For `/v1/health`. `provider`: what runs it; `passedOver`: what was to, and why it does not. */
  of(detector: OnnxDetector | undefined): Readonly<Record<string, unknown>> {
    if (detector === undefined) return { state: this.#problem === '' ? 'starting' : 'failed' };
    const { name, sha256 } = detector.model.manifest;
    return {
      name,
      sha256,
      adapters: detector.adapters(),
      state: this.#problem !== '' ? 'replacing' : this.#provider === '' ? 'starting' : 'running',
      provider: this.#provider,
      passedOver: this.#passedOver,
      readyAfterSeconds: Math.round(this.#readyMs / 100) / 10,
      nRestarts: this.#nRestarts,
      ...detector.statistics(),
    };
  }
}
