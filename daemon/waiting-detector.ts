import type { Detections, Detector } from '../pipelines/core/detection.js';
import type { ProfileName } from '../pipelines/core/profile.js';

/** What beds are given: it passes canvases on, and until there is a model they wait, as they would for one that is slow. */
export class WaitingDetector implements Detector {
  #detector: Detector | undefined;
  #arrived: (detector: Detector) => void = () => undefined;
  readonly #arrival = new Promise<Detector>((resolve) => {
    this.#arrived = resolve;
  });

  /** The model is there, for good. */
  use(detector: Detector): void {
    this.#detector = detector;
    this.#arrived(detector);
  }

  async detect(profile: ProfileName, canvases: Float32Array, n: number): Promise<Detections> {
    return (this.#detector ?? (await this.#arrival)).detect(profile, canvases, n);
  }
}
