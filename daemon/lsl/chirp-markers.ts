import { hostname } from 'node:os';
import { LslOutlet } from '../../adapters/lsl/outlet.js';
import type { EventMessage, TimelineMessage } from '../protocol/messages.js';
import type { Hub } from '../server/hub.js';
import type { Timeline } from '../timeline/timeline.js';
import type { LslOutletsOptions } from './options.js';
import { LslStamps } from './stamp.js';

/**
 * Offers the chirp events of all beds as one stream of markers: JSON text, one sample for each telling of an event, when
 * it is in the timeline. Returns how to stop. daemon/lsl/README.md describes the stream.
 * @throws ChirpdError LSL_OUTLET
 */
export async function offerChirpMarkers(
  options: LslOutletsOptions,
  timeline: Pick<Timeline, 'listen'>,
  hub: Pick<Hub, 'bed'>,
): Promise<() => Promise<void>> {
  const outlet = await LslOutlet.start({
    name: `${options.name} chirps`,
    type: 'Markers',
    format: 'string',
    sampleRate: 0,
    sourceId: `${options.name}:${hostname()}:chirps`,
    channels: [{ label: 'chirp', type: 'Marker', unit: '' }],
    desc: { encoding: 'JSON' },
    network: options,
  });
  const stamps = new LslStamps();
  const stopListening = timeline.listen((messages: readonly TimelineMessage[]) => {
    for (const message of messages) {
      if (message.type !== 'event' || message.replay !== undefined) continue;
      const time = message.phase === 'offset' ? message.offsetTimeMicros : message.onsetTimeMicros;
      const isSynthetic = hub.bed(message.bed)?.info().synthetic === true;
      outlet.push([chirpMarker(message, isSynthetic)], stamps.at(time));
    }
  });
  return async () => {
    stopListening();
    await outlet.stop();
  };
}

/** The text of a marker. */
export function chirpMarker(event: EventMessage, isSynthetic: boolean): string {
  const { id, revision, bed, phase, mergedInto, onsetTimeMicros, offsetTimeMicros } = event;
  const { startFrequencyHz, endFrequencyHz, sweep, rateHzPerSecond, score, profile, derivations, delayMs } = event;
  return JSON.stringify({
    type: 'chirp',
    ...(isSynthetic ? { synthetic: true } : {}),
    phase,
    bed,
    id,
    revision,
    ...(mergedInto === undefined ? {} : { mergedInto }),
    onsetTimeMicros,
    offsetTimeMicros,
    startFrequencyHz,
    endFrequencyHz,
    sweep,
    rateHzPerSecond,
    score,
    profile,
    derivations: derivations.map(({ label }) => label),
    delayMs,
  });
}
