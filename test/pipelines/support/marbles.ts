import { TestScheduler } from 'rxjs/testing';
import type { RunHelpers } from 'rxjs/internal/testing/TestScheduler';
import type { Test } from 'tap';

/** Runs a marble test whose expectations are tap's deep equality. */
export function marbles(t: Test, run: (helpers: RunHelpers) => void): void {
  new TestScheduler((found: unknown, wanted: unknown) => {
    t.same(found, wanted);
  }).run(run);
}
