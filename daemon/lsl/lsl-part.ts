import type { Logger } from '../log.js';
import type { Hub } from '../server/hub.js';
import type { Part } from '../supervisor.js';
import type { Timeline } from '../timeline/timeline.js';
import { offerChirpMarkers } from './chirp-markers.js';
import type { LslOutletsOptions } from './options.js';
import { TrendOutlets } from './trend-outlets.js';

export interface LslPartOptions {
  readonly options: LslOutletsOptions;
  readonly timeline: () => Pick<Timeline, 'listen'>;
  readonly hub: Pick<Hub, 'addReader' | 'bed'>;
  readonly log: Pick<Logger, 'info' | 'error'>;
}

/** Offers events and trends on the Lab Streaming Layer, as far as the config asks for it. */
export function lslPart({ options, timeline, hub, log }: LslPartOptions): Part {
  let stopMarkers: () => Promise<void> = () => Promise.resolve();
  let trends: TrendOutlets | undefined;
  return {
    name: 'lsl',
    start: async () => {
      if (options.events) stopMarkers = await offerChirpMarkers(options, timeline(), hub);
      if (options.trends) trends = new TrendOutlets(options, hub, log);
      log.info({ events: options.events, trends: options.trends, session: options.session }, 'LSL streams offered');
    },
    stop: async () => {
      await Promise.all([stopMarkers(), trends?.stop()]);
    },
  };
}
