import { concatMap, defer, type OperatorFunction } from 'rxjs';
import type { AmplitudeFrame } from './core/amplitude.js';
import type { StreamItem } from './core/signal.js';
import { AmplitudeMonitor } from './dsp/amplitudeMonitor.js';
import { startedStage } from './dsp/streamStage.js';

/**
 * Says once a second of stream time how suppressed each derivation is and how large its envelope: see `Suppression` and
 * `Envelope`. A second whose last sample is missing says nothing. Nothing else passes.
 *
 * @throws (as the Observable's error) ChirpdError `PIPELINE_CLOCK_BACKWARDS`, `PIPELINE_NO_INFO`
 */
export function amplitude(): OperatorFunction<StreamItem, AmplitudeFrame> {
  return (source) =>
    defer(() => {
      let monitor: AmplitudeMonitor | undefined;
      return source.pipe(
        concatMap((item): readonly AmplitudeFrame[] => {
          switch (item.type) {
            case 'info':
              monitor = new AmplitudeMonitor(item);
              return [];
            case 'block':
              return startedStage(monitor).block(item);
            case 'gap':
              startedStage(monitor).interrupt(item.firstSample, item.nSamples);
              return [];
            case 'annotation':
              return [];
          }
        }),
      );
    });
}
