import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { AlarmBoard } from '../alarms/alarm-board.js';
import type { RuleBook } from '../alarms/patient/rule-book.js';
import type { OpenAlarm } from '../protocol/messages.js';
import { badBody } from './detailed-error.js';
import { personFields } from './person-schema.js';
import { needs } from './route-role.js';

/** What the routes need of the alarms. */
export interface AlarmRoutesOptions {
  /** The open alarms, after a look at what is wrong now. */
  readonly open: () => readonly OpenAlarm[];
  readonly board: Pick<AlarmBoard, 'acknowledge' | 'stored'>;
  readonly rules: RuleBook | undefined;
}

/** Takes POST alone. */
export const ACKNOWLEDGE_PATH = /^\/v1\/alarms\/[^/]+\/acknowledge$/;

const BODY_LIMIT = 8192;
/** How long an answer waits for the acknowledgement to be on disk. */
const STORED_MS = 2000;

const bodySchema = z.strictObject(personFields);
const paramsSchema = z.object({ id: z.string() });

/** `GET /v1/alarms` and `POST /v1/alarms/{id}/acknowledge`. */
export function addAlarmRoutes(app: FastifyInstance, { open, board }: AlarmRoutesOptions): void {
  app.get('/v1/alarms', needs('view'), async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ alarms: open() }),
  );
  app.get('/v1/alarms/:id/acknowledge', needs('acknowledge'), async (_request, reply) => {
    reply.header('allow', 'POST');
    throw new ChirpdError('PROTOCOL_METHOD_NOT_ALLOWED', 'An alarm is acknowledged with POST');
  });
  app.post('/v1/alarms/:id/acknowledge', needs('acknowledge', { bodyLimit: BODY_LIMIT }), async (request, reply) => {
    const { id } = paramsSchema.parse(request.params);
    const result = bodySchema.safeParse(request.body);
    if (!result.success) {
      throw badBody('An acknowledgement is {"name", "note"?}', result.error);
    }
    const token = request.identity?.name;
    const alarm = board.acknowledge(id, { ...result.data, ...(token !== undefined && { token }) });
    const isStored = await board.stored(id, STORED_MS);
    // Not yet on disk: it counts, and is written when the disk takes it.
    return reply
      .code(isStored ? 200 : 202)
      .header('cache-control', 'no-store')
      .send({ alarm: { ...alarm, isStored } });
  });
}
