import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { alarmRulesSchema } from '../alarms/patient/alarm-rule.js';
import { previewAlarms, type PreviewedAlarm } from '../alarms/patient/preview.js';
import { type EventMessage, replayOf } from '../protocol/messages.js';
import { contentTimeMicros } from '../timeline/record.js';
import type { TimePosition } from '../timeline/store.js';
import type { Timeline } from '../timeline/timeline.js';
import type { Hub } from './hub.js';
import { needs } from './route-role.js';

/** Answer of `POST /v1/beds/{bed}/alarm-preview`. */
export interface AlarmPreview {
  readonly bed: string;
  readonly fromTimeMicros: number;
  readonly toTimeMicros: number;
  readonly alarms: readonly PreviewedAlarm[];
}

/** Takes POST alone. */
export const PREVIEW_PATH = /^\/v1\/beds\/[^/]+\/alarm-preview$/;

const BODY_LIMIT = 16_384;
const HOUR_MICROS = 3_600_000_000;
const PAGE = 500;
/** A year of chirps, two a minute, would not be looked at in one answer. */
const MAX_TELLINGS = 100_000;

const paramsSchema = z.object({ bed: z.string() });
const bodySchema = z.strictObject({ rules: alarmRulesSchema, hours: z.number().gt(0).max(24).default(24) });

/** What rules would have done on a live bed, up to its newest sample. */
export function addAlarmPreviewRoute(app: FastifyInstance, timeline: Timeline, hub: Pick<Hub, 'bed'>): void {
  app.get('/v1/beds/:bed/alarm-preview', needs('acknowledge'), async (_request, reply) => {
    reply.header('allow', 'POST');
    throw new ChirpdError('PROTOCOL_METHOD_NOT_ALLOWED', 'A preview of rules is asked for with POST');
  });
  app.post('/v1/beds/:bed/alarm-preview', needs('acknowledge', { bodyLimit: BODY_LIMIT }), async (request, reply) => {
    const { bed } = paramsSchema.parse(request.params);
    const result = bodySchema.safeParse(request.body);
    if (!result.success) {
      const issues = result.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
      throw new ChirpdError('PROTOCOL_BAD_BODY', `A preview takes {"rules", "hours"?}: ${issues.join('; ')}`);
    }
    const info = hub.bed(bed)?.info();
    if (info === undefined || info.replay !== undefined) {
      throw new ChirpdError('PROTOCOL_NOT_FOUND', `There is no live bed "${bed.slice(0, 64)}"`);
    }
    const { rules, hours } = result.data;
    const toTimeMicros = info.newestTimeMicros;
    const fromTimeMicros = toTimeMicros - hours * HOUR_MICROS;
    const tellings = await readTellings(timeline, bed, fromTimeMicros - HOUR_MICROS, toTimeMicros);
    const alarms = await previewAlarms(rules, tellings, fromTimeMicros, toTimeMicros);
    const preview: AlarmPreview = { bed, fromTimeMicros, toTimeMicros, alarms };
    return reply.header('cache-control', 'no-store').send(preview);
  });
}

async function readTellings(
  timeline: Timeline,
  bed: string,
  fromMicros: number,
  toMicros: number,
): Promise<readonly EventMessage[]> {
  const tellings: EventMessage[] = [];
  let after: TimePosition | undefined;
  while (tellings.length < MAX_TELLINGS) {
    const page = timeline.inRange({ bed, fromMicros, toMicros, ...(after && { after }) }, PAGE);
    for (const message of page) {
      if (message.type === 'event' && replayOf(message) === undefined) tellings.push(message);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) break;
    after = { timeMicros: contentTimeMicros(last), cursor: last.cursor };
    await nextTurn();
  }
  return tellings;
}
