import { Observable, type OperatorFunction } from 'rxjs';
import { ChirpdError } from './core/errors.js';
import type { BandProfile } from './core/profile.js';
import type { Checkpoint, DetectionStep, EventItem, Passing } from './items.js';
import { Tracker, type TrackerState, type TrackingOptions } from './tracking/tracker.js';

export interface TrackOptions extends TrackingOptions {
  /** Follow each detection step with a `Checkpoint`. */
  readonly checkpoints?: boolean;
  /** Go on from this state; one of another stream or other settings counts for nothing. */
  readonly resume?: TrackerState | undefined;
}

/**
 * Follows detections from step to step and emits each chirp's onset, updates and offset; chirps still running when the
 * stream ends get their offset then. `options` is asked when the stream's info has come. Stream infos and gaps are
 * consumed: they have passed elsewhere.
 *
 * @throws (as the Observable's error) ChirpdError `PIPELINE_NO_INFO`
 */
export function track(
  profile: BandProfile,
  options: () => TrackOptions,
): OperatorFunction<DetectionStep | Passing, EventItem | Checkpoint> {
  return (source) =>
    new Observable((subscriber) => {
      let tracker: Tracker | undefined;
      let withCheckpoints = false;
      return source.subscribe({
        next: (item) => {
          switch (item.type) {
            case 'info': {
              const { checkpoints = false, resume, ...tracking } = options();
              tracker = new Tracker(item, profile, tracking);
              if (resume !== undefined) tracker.restore(resume);
              withCheckpoints = checkpoints;
              return;
            }
            case 'gap':
              return;
            case 'detections':
              if (!tracker) {
                subscriber.error(new ChirpdError('PIPELINE_NO_INFO', 'detections came before the stream info'));
                return;
              }
              for (const event of tracker.step(item)) subscriber.next({ type: 'event', event });
              if (!withCheckpoints) return;
              subscriber.next({
                type: 'checkpoint',
                profile: profile.name,
                column: item.column,
                tracker: tracker.state(),
              });
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
