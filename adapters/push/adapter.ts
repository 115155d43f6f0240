import { Observable } from 'rxjs';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { AdapterItem } from '../../pipelines/core/signal.js';
import type { Adapter } from '../adapter.js';
import type { PushOptions } from './options.js';
import { readPushPosition } from './position.js';
import { PushReader } from './push-reader.js';

/**
 * What programs push to this bed over the daemon's WebSocket. A stream lives through breaks of the pusher's connection:
 * samples that come late are in their place, those that never come are a gap.
 *
 * Errors: PUSH_NO_DAEMON, PUSH_TAKEN, PUSH_ABSENT, PUSH_GONE, PUSH_SILENT, PUSH_ENDED, PUSH_SUPERSEDED
 */
export const pushAdapter: Adapter<PushOptions> = {
  kind: 'push',
  open: (options, { pacer, pushSlot, tell = () => undefined, resumeAt, kept }) =>
    new Observable<AdapterItem>((subscriber) => {
      if (pushSlot === undefined) {
        const text =
          'pushes arrive through the server of a running daemon: use kind "push" in the config of `chirpd run`';
        subscriber.error(new ChirpdError('PUSH_NO_DAEMON', text));
        return undefined;
      }
      const before = resumeAt && readPushPosition(resumeAt);
      if (before !== undefined) pushSlot.restore(before.stream, before.nextSample);
      const reader = new PushReader({ options, pacer, slot: pushSlot, tell, kept, subscriber });
      // As a device does: nothing comes before subscribing has returned.
      queueMicrotask(() => {
        reader.open();
      });
      return () => {
        reader.close();
      };
    }),
};
