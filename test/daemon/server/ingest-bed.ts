import type { Test } from 'tap';
import { PushExchange } from '../../../adapters/push/push-exchange.js';
import type { PushSlot } from '../../../adapters/push/push-slot.js';
import type { ServerLimits } from '../../../daemon/server/limits.js';
import type { Server } from '../../../daemon/server/server.js';
import { BedListener, type BedListenerOptions } from '../../adapters/push/bed-listener.js';
import { startServer } from './harness.js';

/** A server with one bed, `bed-1`, that takes pushes when it is listened to. */
export interface Bed {
  readonly server: Server;
  readonly slot: PushSlot;
  readonly listen: (options?: BedListenerOptions) => BedListener;
}

export async function startBed(t: Test, limits: Partial<ServerLimits> = {}): Promise<Bed> {
  const pushExchange = new PushExchange();
  const slot = pushExchange.open('bed-1');
  const { server } = await startServer(t, { pushExchange, limits });
  const listeners: BedListener[] = [];
  t.teardown(() => {
    for (const listener of listeners) listener.leave();
  });
  return {
    server,
    slot,
    listen: (options) => {
      const listener = new BedListener(slot, options);
      listeners.push(listener);
      return listener;
    },
  };
}
