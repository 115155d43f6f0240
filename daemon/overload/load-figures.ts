import type { Load } from './load-level.js';

/** What is measured at a look. */
export interface LoadFigures {
  /** The longest that the main loop was late since the last look. */
  readonly loopDelayMs: number;
  /** Detection steps of live beds that the model has not answered. */
  readonly nPendingSteps: number;
  /** Since when the oldest of them waits; 0 where none does. */
  readonly oldestStepMs: number;
  /** How far the live bed furthest behind is behind the wall clock, of those that run at its pace and are not catching up. */
  readonly latestBedMs: number;
}

/** Past one of these there is more to do than can be done. */
const OVER: Omit<LoadFigures, 'nPendingSteps'> = { loopDelayMs: 500, oldestStepMs: 3000, latestBedMs: 2000 };
/** Below all of these there is room. */
const CALM: typeof OVER = { loopDelayMs: 400, oldestStepMs: 1500, latestBedMs: 1000 };

const NAMES = ['loopDelayMs', 'oldestStepMs', 'latestBedMs'] as const;

export function loadOf(figures: LoadFigures): Load {
  if (NAMES.some((name) => figures[name] > OVER[name])) return 'over';
  return NAMES.every((name) => figures[name] <= CALM[name]) ? 'calm' : 'between';
}
