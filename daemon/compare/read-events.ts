import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import type { EventMessage } from '../protocol/messages.js';

/** As much of an event as comparing needs; whatever else stands there is compared as it is. */
const eventSchema = z.looseObject({
  type: z.literal('event'),
  id: z.string(),
  bed: z.string(),
  revision: z.int(),
  profile: z.string(),
  onsetTimeMicros: z.number(),
  offsetTimeMicros: z.number(),
});

/**
 * The events of a file of JSON lines, as `chirpd replay --events` and `chirpd timeline export` write it; other records are
 * passed over, and so are those of replays where live beds told some.
 * @throws ChirpdError USAGE_COMPARE
 */
export function readEventLines(path: string): readonly EventMessage[] {
  const events: EventMessage[] = [];
  for (const [i, line] of readText(path).split('\n').entries()) {
    if (line.trim() === '') continue;
    const value = parsed(line);
    if (value === undefined) throw new ChirpdError('USAGE_COMPARE', `${path}:${String(i + 1)}: is no JSON`);
    if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'event') continue;
    const event = eventSchema.safeParse(value);
    if (!event.success) throw new ChirpdError('USAGE_COMPARE', `${path}:${String(i + 1)}: is no event of chirpd`);
    events.push(event.data as unknown as EventMessage);
  }
  const live = events.filter(({ replay }) => replay === undefined);
  return live.length > 0 ? live : events;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ChirpdError('USAGE_COMPARE', `cannot read what to compare with: ${errorText(error)}`);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
