import type { FindDevices, FoundDevice } from '../adapter.js';
import { fetchFullInfo } from './full-info.js';
import { deviceIdentity } from './identity.js';
import type { LslNetwork } from './network.js';
import { lslOptionsSchema } from './options.js';
import { resolveStreams, type FoundStream } from './resolve.js';
import { statedChannels } from './select.js';
import { streamQuery } from './query.js';

const FIND_MS = 2500;

/** How to look for streams of numbers at a regular rate on a network. */
export function lslFinder(network: Partial<LslNetwork> = {}): FindDevices {
  const options = lslOptionsSchema.parse(network);
  return async (signal) => {
    const query = `${streamQuery({ session: options.session, predicate: 'nominal_srate >= 1' })} and channel_format!='string'`;
    const streams = await resolveStreams({
      query,
      network: options,
      hosts: [],
      timeoutMs: FIND_MS,
      settleMs: FIND_MS,
      signal,
    });
    return Promise.all(streams.map((found) => describe(found, network, signal)));
  };
}

/** On the default network: multicast, session `default`. */
export const findLslStreams: FindDevices = lslFinder();

async function describe(found: FoundStream, network: Partial<LslNetwork>, signal: AbortSignal): Promise<FoundDevice> {
  const full = await fetchFullInfo(found, signal).catch(() => found.description);
  const { name, type, sourceId, nChannels, sampleRate, hostName } = full;
  const { model } = deviceIdentity(full);
  const hasUnits = statedChannels(full).every(({ unit }) => unit !== '');
  const kind = model === name ? type : `${type}, ${model}`;
  const units = hasUnits ? '' : '; it states no unit, check that it is microvolts';
  return {
    title: `${name} (${kind}): ${nChannels} channels, ${sampleRate} Hz, from ${hostName}${units}`,
    options: {
      ...(sourceId === '' ? { name } : { sourceId }),
      ...network,
      ...(hasUnits ? {} : { unit: 'microvolts' }),
    },
  };
}
