import type { Page } from 'playwright-core';

/** One tone that a page has put on its audio clock. */
export interface HeardPulse {
  /** When it begins, the page's `performance.now()` milliseconds. */
  readonly atMs: number;
  readonly hz: number;
}

/** Writes down each tone that the page starts. Call before the page is opened. */
export async function listen(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const heard: unknown[] = [];
    Object.assign(globalThis, { heard });
    const start = Reflect.get(OscillatorNode.prototype, 'start');
    OscillatorNode.prototype.start = function (when = 0) {
      const atMs = performance.now() + (when - this.context.currentTime) * 1000;
      if (this.context.state === 'running') heard.push({ atMs, hz: this.frequency.value });
      start.call(this, when);
    };
  });
}

/** Tones since `sinceMs` of the page's clock. */
export async function heardPulses(page: Page, sinceMs = 0): Promise<readonly HeardPulse[]> {
  return page.evaluate((since) => {
    const { heard } = globalThis as unknown as { heard: HeardPulse[] };
    return heard.filter(({ atMs }) => atMs >= since);
  }, sinceMs);
}

/** The page's clock. */
export async function pageMs(page: Page): Promise<number> {
  return page.evaluate(() => performance.now());
}
