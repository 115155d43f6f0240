import type { Adapter } from '../../../adapters/adapter.js';
import { pushAdapter } from '../../../adapters/push/adapter.js';
import { pushOptionsSchema, type PushOptions } from '../../../adapters/push/options.js';
import { PushExchange } from '../../../adapters/push/push-exchange.js';
import type { PushSlot } from '../../../adapters/push/push-slot.js';
import { Pusher } from '../../../daemon/client/node.js';
import { RampSource } from '../../daemon/client/ramp-source.js';
import { startBareServer } from '../../daemon/server/harness.js';
import type { LiveRig } from '../live-conformance.js';
import { rampSample } from './ramp.js';

/** What a bed of the daemon has beside its options. */
export interface RigOptions extends PushOptions {
  readonly pushSlot: PushSlot;
}

/** As the daemon opens it: the place where pushes arrive comes with the context. */
export const pushAdapterOfRig: Adapter<RigOptions> = {
  kind: pushAdapter.kind,
  open: ({ pushSlot, ...options }, context) => pushAdapter.open(options, { ...context, pushSlot }),
};

const slots = new Set<PushSlot>();

/** Beds that hold their pushes open now. */
export function listeningSlots(): number {
  return Array.from(slots).filter(({ isListening }) => isListening).length;
}

const CHANNELS = ['Fp1', 'F7', 'T7', 'P7'];
const SAMPLE_RATE = 250;

/** A program with chirpd's own client and a real daemon's server between it and the adapter. */
export async function startPushRig(): Promise<LiveRig<RigOptions>> {
  const pushExchange = new PushExchange();
  const pushSlot = pushExchange.open('bed-1');
  const { server, stop } = await startBareServer({ pushExchange });
  let pusher: Pusher;
  let source: RampSource;
  const plug = (): void => {
    pusher = new Pusher({
      url: server.url,
      bed: 'bed-1',
      channels: CHANNELS,
      sampleRate: SAMPLE_RATE,
      source: 'a rig',
      bufferSeconds: 2,
    });
    source = new RampSource(pusher, CHANNELS.length, SAMPLE_RATE);
  };
  const unplug = (): void => {
    source.stop();
    pusher.abort();
  };
  plug();
  slots.add(pushSlot);
  return {
    options: {
      ...pushOptionsSchema.parse({ silenceSeconds: 2, resumeSeconds: 1, waitSeconds: 3 }),
      pushSlot,
    },
    isSent: (microvolts) => rampSample(microvolts) >= 0,
    pause: () => {
      source.pause();
    },
    resume: () => {
      source.resume();
    },
    lose: (nPackets) => {
      pusher.skip(nPackets);
      return nPackets;
    },
    hangUp: () => {
      unplug();
      return Promise.resolve();
    },
    replug: () => {
      plug();
      return Promise.resolve();
    },
    stop: async () => {
      unplug();
      await stop();
      slots.delete(pushSlot);
    },
  };
}
