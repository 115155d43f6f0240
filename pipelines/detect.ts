import { Observable, type OperatorFunction } from 'rxjs';
import type { Detector } from './core/detection.js';
import { errorText } from './core/errors.js';
import { canvasPool } from './core/float32-pool.js';
import type { CanvasStep, DetectionStep, Passing } from './items.js';

export interface DetectOptions {
  readonly detector: Detector;
  /** Steps that may be at the detector or wait for it; past that a new step is left out and told. Default 64. */
  readonly maxPendingSteps?: number;
  /** Called with the number of pending steps whenever it changes: what holds a file back, and a metric. */
  readonly onPending?: (nPending: number) => void;
  /** Called for each step that was left out, with the reason: too many were pending, or the detector failed on it. */
  readonly onLeftOut?: (step: CanvasStep, reason: string) => void;
}

/**
 * Sends canvases to the detector and emits what it found, in the order of the steps. Several steps are under way at a
 * time, so that inference and signal processing overlap; whatever else passes keeps its place in the order. A step that
 * the detector fails on is left out and told: a fault of the model must not end a bed.
 */
export function detect(options: DetectOptions): OperatorFunction<CanvasStep | Passing, DetectionStep | Passing> {
  const { detector, maxPendingSteps = 64, onPending, onLeftOut } = options;
  return (source) =>
    new Observable((subscriber) => {
      // In the order of arrival; a slot holds undefined until the detector has answered.
      const queue: { result: DetectionStep | Passing | 'left out' | undefined }[] = [];
      let nPending = 0;
      let completed = false;

      const emitReady = (): void => {
        for (let head = queue[0]; head?.result !== undefined; head = queue[0]) {
          queue.shift();
          if (head.result !== 'left out') subscriber.next(head.result);
        }
        if (completed && queue.length === 0) subscriber.complete();
      };

      const send = (step: CanvasStep): void => {
        if (nPending >= maxPendingSteps) {
          canvasPool.give(step.canvases);
          onLeftOut?.(step, 'the model is too slow');
          return;
        }
        const slot: { result: DetectionStep | 'left out' | undefined } = { result: undefined };
        queue.push(slot);
        onPending?.(++nPending);
        detector.detect(step.profile.name, step.canvases, step.nDerivations).then(
          ({ slots, model }) => {
            canvasPool.give(step.canvases);
            onPending?.(--nPending);
            slot.result = { type: 'detections', profile: step.profile, column: step.column, slots, model };
            emitReady();
          },
          (error: unknown) => {
            canvasPool.give(step.canvases);
            onPending?.(--nPending);
            onLeftOut?.(step, errorText(error));
            slot.result = 'left out';
            emitReady();
          },
        );
      };

      return source.subscribe({
        next: (item) => {
          if (item.type === 'canvases') {
            send(item);
          } else {
            queue.push({ result: item });
            emitReady();
          }
        },
        error: (error: unknown) => {
          subscriber.error(error);
        },
        complete: () => {
          completed = true;
          emitReady();
        },
      });
    });
}
