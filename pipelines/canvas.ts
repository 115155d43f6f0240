import { concatMap, defer, type OperatorFunction } from 'rxjs';
import { CANVAS, type BandProfile } from './core/profile.js';
import type { StreamInfo } from './core/signal.js';
import { CanvasRing } from './dsp/canvasRing.js';
import { startedStage } from './dsp/streamStage.js';
import type { CanvasStep, ColumnFrame } from './items.js';

/**
 * Follows every second column (`detectionStepColumns`, counted on the absolute grid) with the whitened canvases of all
 * derivations, once a derivation has `minimumValidColumns` of the last 128. Columns lost in a gap are empty. Every item
 * passes through; columns of other profiles are none of its business.
 *
 * @param afterColumn no canvases up to this column: a program that starts anew has looked at them already
 * @param isLeftOut asked at each step: whether its canvases are left out
 * @throws (as the Observable's error) ChirpdError `PIPELINE_COLUMN_ORDER`, `PIPELINE_NO_INFO`
 */
export function canvas<Item extends { readonly type: string }>(
  profile: BandProfile,
  afterColumn = -1,
  isLeftOut: (column: number) => boolean = () => false,
): OperatorFunction<Item | StreamInfo | ColumnFrame, Item | StreamInfo | ColumnFrame | CanvasStep> {
  return (source) =>
    defer(() => {
      let ring: CanvasRing | undefined;
      return source.pipe(
        concatMap((item): readonly (Item | StreamInfo | ColumnFrame | CanvasStep)[] => {
          if (isInfo(item)) ring = new CanvasRing(item.channels.length);
          if (!isColumn(item) || item.profile.name !== profile.name) return [item];
          const step = nextStep(startedStage(ring), item, afterColumn, isLeftOut);
          return step ? [item, step] : [item];
        }),
      );
    });
}

function nextStep(
  ring: CanvasRing,
  frame: ColumnFrame,
  afterColumn: number,
  isLeftOut: (column: number) => boolean,
): CanvasStep | undefined {
  const { profile, column, decibels } = frame;
  ring.push(column, decibels);
  if (column % CANVAS.detectionStepColumns !== 0 || ring.nValid < CANVAS.minimumValidColumns) return undefined;
  if (column <= afterColumn || isLeftOut(column)) return undefined;
  return { type: 'canvases', profile, column, canvases: ring.canvases(), nDerivations: decibels.length };
}

function isInfo(item: { readonly type: string }): item is StreamInfo {
  return item.type === 'info';
}

function isColumn(item: { readonly type: string }): item is ColumnFrame {
  return item.type === 'column';
}
