import type { BedInfo } from '../protocol/messages.js';
import { type DaemonLook, Progress, type ProgressOptions } from './progress.js';

export interface LivenessOptions extends ProgressOptions {
  /** The daemon at the moment of the call, which is after its timeline was opened. */
  readonly look: () => DaemonLook;
}

/** Faults with which the daemon does not do what it is there for, though it lives and works on getting rid of them. */
const NOT_READY: ReadonlySet<string> = new Set(['MODEL_NOT_RUNNING', 'TIMELINE_REFUSES']);

/** Whether the daemon gets on with its work, and whether it does all of it. */
export class Liveness {
  readonly #look: () => DaemonLook;
  readonly #progress: Progress;
  #isStarted = false;

  constructor(options: LivenessOptions) {
    this.#look = options.look;
    this.#progress = new Progress(options);
  }

  /** Call it when all parts have been started. */
  started(): void {
    this.#isStarted = true;
  }

  /** Why it stands still, of the kind that a restart mends; '' while it does not. */
  standstill(): string {
    return this.#progress.problem(this.#look(), performance.now());
  }

  /** Why events are not found or not told now; empty where they are. */
  notReady(): readonly string[] {
    if (!this.#isStarted) return ['it is starting'];
    return this.#look().alarms.flatMap(({ code, text }) => (NOT_READY.has(code) ? [text] : []));
  }

  /** The beds as they are. */
  beds(): readonly BedInfo[] {
    return this.#look().beds;
  }
}
