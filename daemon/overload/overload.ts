import type { TechnicalCondition } from '../alarms/alarm-codes.js';
import type { Logger } from '../log.js';
import type { ModelActivity } from '../model-report.js';
import type { Part } from '../supervisor.js';
import { BedShare, type SharedLoad, type ShedCounts, stepsEvery } from './bed-share.js';
import { type LoadFigures, loadOf } from './load-figures.js';
import { type Load, LoadLevel, type LoadLevelOptions, type OverloadLevel } from './load-level.js';
import { LoopWatch } from './loop-watch.js';
import { PendingSteps } from './pending-steps.js';

export interface OverloadOptions extends LoadLevelOptions {
  readonly model: () => ModelActivity;
  /** More or less is left out from now on. */
  readonly onChange: () => void;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** For `/v1/health`. */
export interface OverloadReport extends LoadFigures {
  readonly level: OverloadLevel;
  /** What is left out, for people; '' where nothing is. */
  readonly leftOut: string;
  /** Since the start, of all beds: seconds without trends, and detection steps. */
  readonly nTrendsLeftOut: number;
  readonly nStepsLeftOut: number;
}

const LOOK_MS = 1000;
/** A model that hangs or has died is there again within this; live beds do not wait longer for one that does not run. */
const MODEL_PATIENCE_MS = 30_000;
const NOTHING: LoadFigures = { loopDelayMs: 0, nPendingSteps: 0, oldestStepMs: 0, latestBedMs: 0 };

/** Watches whether the daemon keeps up with its live beds, and decides what is left out where it does not. */
export class Overload implements Part {
  readonly name = 'overload';
  readonly #options: OverloadOptions;
  readonly #level: LoadLevel;
  readonly #loop = new LoopWatch();
  readonly #pending = new PendingSteps();
  readonly #beds = new Map<string, BedShare>();
  readonly #counts: ShedCounts = { nTrends: 0, nSteps: 0 };
  readonly #shared: SharedLoad;
  #figures = NOTHING;
  #timer: NodeJS.Timeout | undefined;
  #nBeds = 0;
  #stoppedSinceMs: number | undefined;
  /** When the model was last seen not to run: what waited then does not count. */
  #stoppedMs = 0;
  #goesOn = false;

  constructor(options: OverloadOptions) {
    this.#options = options;
    this.#level = new LoadLevel(options);
    const [level, goesOn] = [(): OverloadLevel => this.#level.level, (): boolean => this.#goesOn];
    this.#shared = {
      pending: this.#pending,
      counts: this.#counts,
      get level() {
        return level();
      },
      get goesOn() {
        return goesOn();
      },
    };
  }

  start(): void {
    this.#loop.start();
    this.#timer = setInterval(() => {
      this.#look();
    }, LOOK_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#loop.stop();
  }

  /** Call it for live beds alone: others are held back, neither count nor lose anything. One of the same name takes the place of the one before. */
  addBed(name: string): BedShare {
    const share = new BedShare(this.#shared, this.#nBeds++);
    this.#beds.set(name, share);
    return share;
  }

  removeBed(name: string): void {
    this.#beds.delete(name);
  }

  report(): OverloadReport {
    const { level } = this.#level;
    return {
      ...{ level, leftOut: leftOutText(level), ...this.#figures },
      ...{ nTrendsLeftOut: this.#counts.nTrends, nStepsLeftOut: this.#counts.nSteps },
    };
  }

  /** What staff are told. */
  conditions(): readonly TechnicalCondition[] {
    const { level } = this.#level;
    if (level === 0) return [];
    const code = level === 1 ? 'OVERLOADED_TRENDS' : 'OVERLOADED_DETECTION';
    return [{ code, text: `This computer is overloaded: ${leftOutText(level)}` }];
  }

  #look(): void {
    const { model, onChange } = this.#options;
    const nowMs = performance.now();
    const activity = model();
    this.#seeModel(activity, nowMs);
    const before = this.#level.level;
    const hasChanged = this.#level.look(nowMs, this.#measure(activity));
    const goesOn = this.#level.level === 3 || nowMs - (this.#stoppedSinceMs ?? nowMs) > MODEL_PATIENCE_MS;
    if (hasChanged) this.#tell(before);
    if (goesOn !== this.#goesOn) {
      this.#goesOn = goesOn;
      for (const share of this.#beds.values()) share.wake();
    }
    if (hasChanged) onChange();
  }

  #seeModel(activity: ModelActivity, nowMs: number): void {
    if (activity !== 'stopped') {
      this.#stoppedSinceMs = undefined;
      return;
    }
    this.#stoppedSinceMs ??= nowMs;
    this.#stoppedMs = nowMs;
  }

  #measure(activity: ModelActivity): Load {
    const shares = [...this.#beds.values()];
    const latestBedMs = Math.max(0, ...shares.map((share) => share.look()));
    this.#figures = {
      loopDelayMs: Math.round(this.#loop.take()),
      nPendingSteps: this.#pending.n,
      oldestStepMs: Math.round(this.#pending.oldestMs(this.#stoppedMs)),
      latestBedMs: Math.round(latestBedMs),
    };
    if (!shares.some(({ isStreaming }) => isStreaming)) return 'calm';
    if (activity === 'running') return loadOf(this.#figures);
    // What waits for a model that does not answer, and the beds held back by that, say nothing of the load.
    return loadOf({ ...this.#figures, oldestStepMs: 0, latestBedMs: 0 }) === 'over' ? 'over' : 'unknown';
  }

  #tell(before: OverloadLevel): void {
    const { level } = this.#level;
    // `level` is the log's own word.
    const fields = { overload: level, ...this.#figures, beds: this.#beds.size };
    const what = leftOutText(level) || 'nothing is left out any more';
    if (level > before) this.#options.log.warn(fields, `Overloaded: ${what}`);
    else this.#options.log.info(fields, `Less is left out: ${what}`);
  }
}

function leftOutText(level: OverloadLevel): string {
  if (level === 0) return '';
  if (level === 1) return 'no trends are computed; detection, recording and alarms go on';
  return `only 1 of ${String(stepsEvery(level))} detection steps is run, so chirps are told later; no trends are computed`;
}
