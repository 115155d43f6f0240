import { Observable, type OperatorFunction } from 'rxjs';
import { ChirpdError } from './core/errors.js';
import type { BandProfile } from './core/profile.js';
import type { DetectionStep, EventItem, Passing } from './items.js';
import { Tracker, type TrackingOptions } from './tracking/tracker.js';

/**
 * Follows detections from step to step and emits each chirp's onset, updates and offset; chirps still running when the
 * stream ends get their offset then. `options` is asked when the stream's info has come. Stream infos and gaps are consumed: they have passed elsewhere.
 *
 * @throws (as the Observable's error) ChirpdError `PIPELINE_NO_INFO`
 */
export function track(
  profile: BandProfile,
  options: () => TrackingOptions,
): OperatorFunction<DetectionStep | Passing, EventItem> {
  return (source) =>
    new Observable((subscriber) => {
      let tracker: Tracker | undefined;
      return source.subscribe({
        next: (item) => {
          switch (item.type) {
            case 'info':
              tracker = new Tracker(item, profile, options());
              return;
            case 'gap':
              return;
            case 'detections':
              if (!tracker) {
                subscriber.error(new ChirpdError('PIPELINE_NO_INFO', 'detections came before the stream info'));
                return;
              }
              for (const event of tracker.step(item)) subscriber.next({ type: 'event', event });
          }
        },
        error: (error: unknown) => {
          subscriber.error(error);
        },
        complete: () => {
          for (const event of tracker?.finish() ?? []) subscriber.next({ type: 'event', event });
          subscriber.complete();
        },
      });
    });
}
