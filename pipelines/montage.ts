import { defer, map, type MonoTypeOperatorFunction } from 'rxjs';
import { blockLength, type StreamInfo, type StreamItem } from './core/signal.js';
import { MontageMixer } from './dsp/montageMixer.js';
import { planMontage, type MontagePlan, type MontageSpec } from './dsp/montagePlan.js';
import { startedStage } from './dsp/streamStage.js';

export type { MontageSpec } from './dsp/montagePlan.js';

/**
 * Makes derivations of a recording's channels. In the info that comes out, `channels` are the derivations, and
 * `leftOut` tells besides what the source left out which channels are in no derivation and which derivations cannot be
 * made, with the reason. Gaps and annotations pass through.
 *
 * @example edf$.pipe(montage('auto'))
 * @throws (as the Observable's error) ChirpdError `PIPELINE_MONTAGE_EMPTY` if no derivation can be made,
 *   `PIPELINE_NO_INFO`
 */
export function montage(spec: MontageSpec): MonoTypeOperatorFunction<StreamItem> {
  return (source) =>
    defer(() => {
      let mixer: MontageMixer | undefined;
      return source.pipe(
        map((item): StreamItem => {
          switch (item.type) {
            case 'info': {
              const plan = planMontage(spec, item);
              mixer = new MontageMixer(plan);
              return derivedInfo(item, plan);
            }
            case 'block':
              return { ...item, samples: startedStage(mixer).mix(item.samples, blockLength(item)) };
            case 'gap':
            case 'annotation':
              return item;
          }
        }),
      );
    });
}

function derivedInfo(info: StreamInfo, plan: MontagePlan): StreamInfo {
  return {
    ...info,
    channels: plan.derivations.map(({ label, plus, minus, sign }) => {
      const source = info.channels[plus]!.sourceLabel;
      const reference = typeof minus === 'number' ? info.channels[minus]!.sourceLabel : minus;
      const sourceLabel = reference === undefined ? source : `${source} - ${reference}`;
      return { label, sourceLabel: sign === 1 ? sourceLabel : `-(${sourceLabel})` };
    }),
    leftOut: [...info.leftOut, ...plan.leftOut],
  };
}
