import type { Detections, Detector } from '../../pipelines/core/detection.js';
import type { ProfileName } from '../../pipelines/core/profile.js';

/** Detection steps that wait for their answer, the oldest first. */
export class PendingSteps {
  readonly #steps = new Set<{ readonly sinceMs: number }>();
  readonly #now: () => number;

  /** @param now monotonic, milliseconds */
  constructor(now = (): number => performance.now()) {
    this.#now = now;
  }

  get n(): number {
    return this.#steps.size;
  }

  /** How long the oldest waits. @param fromMs time before this does not count */
  oldestMs(fromMs: number): number {
    const [oldest] = this.#steps;
    return oldest === undefined ? 0 : Math.max(0, this.#now() - Math.max(oldest.sinceMs, fromMs));
  }

  /** A detector whose steps count here. */
  of(detector: Detector): Detector {
    return { detect: (profile, canvases, n) => this.#detect(detector, profile, canvases, n) };
  }

  async #detect(detector: Detector, profile: ProfileName, canvases: Float32Array, n: number): Promise<Detections> {
    const step = { sinceMs: this.#now() };
    this.#steps.add(step);
    try {
      return await detector.detect(profile, canvases, n);
    } finally {
      this.#steps.delete(step);
    }
  }
}
