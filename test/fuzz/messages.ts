import type { FuzzerName } from './plan.js';

/** What a fuzzer's process is told. */
export interface FuzzTask {
  readonly name: FuzzerName;
  readonly seed: number;
  readonly nInputs: number;
  readonly batch: number;
  /** No batch begins after it; Unix milliseconds. */
  readonly endMs: number;
}

/** What it tells. */
export type FuzzChildMessage =
  | {
      readonly type: 'batch';
      readonly nDone: number;
      readonly counts: Readonly<Record<string, number>>;
      readonly slowestMs: number;
      readonly heldBytes: number;
    }
  | {
      readonly type: 'failure';
      /** With `batch` inputs of this seed it comes again. */
      readonly seed: number;
      readonly batch: number;
      readonly nDone: number;
      /** Of the input in its batch. */
      readonly number: number;
      readonly text: string;
      /** Base64. */
      readonly input: string;
    }
  | { readonly type: 'done' };
