import type { ProfileName } from './core/profile.js';

/** What a pipeline leaves out while the program that runs it does not keep up. Asked all the time: the answer may change. */
export interface LeaveOut {
  /** Whether trends are left out now. */
  trends(): boolean;
  /** Called for each second whose trends were left out. */
  onTrends(): void;
  /** Asked once at each detection step, by its column: whether it is left out. */
  step(profile: ProfileName, column: number): boolean;
}
