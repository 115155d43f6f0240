import type { LabelMessage } from '../protocol/messages.js';
import type { Timeline } from '../timeline/timeline.js';
import { newestTelling } from './labelled-event.js';

/**
 * A label with the span of its event as it is now: what a person confirmed or rejected while it ran has gone on since. Once
 * the event is deleted for its age, with what it was when it was labelled.
 * @throws ChirpdError TIMELINE_CORRUPT
 */
export function withEventNow(timeline: Pick<Timeline, 'byKey'>, label: LabelMessage): LabelMessage {
  const { verdict, event: id, bed, replay } = label;
  if (id === undefined || (verdict !== 'confirmed' && verdict !== 'rejected')) return label;
  const event = newestTelling(timeline, bed, id, replay);
  if (event === undefined) return label;
  const { onsetTimeMicros, offsetTimeMicros, startFrequencyHz, endFrequencyHz, derivations } = event;
  return {
    ...label,
    onsetTimeMicros,
    offsetTimeMicros,
    startFrequencyHz,
    endFrequencyHz,
    derivations: derivations.map((derivation) => derivation.label),
  };
}
