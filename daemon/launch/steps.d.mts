/** Types of `steps.mjs`, for tests. */
export class StepError extends Error {}

export interface RunOptions {
  readonly cwd?: string;
  readonly quiet?: boolean;
  readonly hide?: RegExp;
  readonly env?: NodeJS.ProcessEnv;
}

export function runProgram(file: string, args: readonly string[], options?: RunOptions): Promise<string>;
