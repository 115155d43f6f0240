import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something is so. @throws Error after `timeoutMs` */
export async function until(isTrue: () => boolean | Promise<boolean>, what: string, timeoutMs = 10_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${Math.round(timeoutMs)} ms`);
    await sleep(5);
  }
}
