import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { REPLAYABLE_PATH, REPLAYS_PATH } from '../protocol/replay-messages.js';
import { readReplayChange, readReplayRequest } from '../replays/replay-schema.js';
import type { Replays } from '../replays/replays.js';
import { needs } from './route-role.js';

/** Undefined while the daemon starts. */
export type FindReplays = () => Replays | undefined;

/** What these paths answer to. */
export const REPLAY_PATHS = [
  { path: /^\/v1\/replays$/, methods: ['GET', 'HEAD', 'POST'] },
  { path: /^\/v1\/replays\/[^/]+$/, methods: ['GET', 'HEAD', 'PATCH', 'DELETE'] },
];

const REQUEST_BYTES = 256 * 1024;
/** Areas of codes that say what is wrong with a recording. */
const OF_RECORDINGS = /^(?:ADAPTER|RECORDING|EDF|BRAINVISION|XDF|OPENBCI|CSV)_/;

const paramsSchema = z.object({ id: z.string() });

/** `/v1/replays`: recordings that are replayed in the running daemon. */
export function addReplayRoutes(app: FastifyInstance, find: FindReplays): void {
  const replays = (): Replays => {
    const found = find();
    if (found === undefined) throw new ChirpdError('REPLAY_NOT_READY', 'The daemon is still starting: try again');
    return found;
  };
  const idOf = (params: unknown): string => paramsSchema.parse(params).id;
  const send = (reply: FastifyReply, body: object): FastifyReply =>
    reply.header('cache-control', 'no-store').send(body);

  app.get(REPLAYABLE_PATH, needs('view'), async (_request, reply) => send(reply, await replays().replayable()));
  app.get(REPLAYS_PATH, needs('view'), async (_request, reply) => send(reply, { replays: replays().list() }));
  app.get(`${REPLAYS_PATH}/:id`, needs('view'), async (request, reply) =>
    send(reply, replays().info(idOf(request.params))),
  );
  app.post(REPLAYS_PATH, needs('administer', { bodyLimit: REQUEST_BYTES }), async (request, reply) => {
    try {
      const created = await replays().create(readReplayRequest(request.body));
      return await send(reply.code(201).header('location', `${REPLAYS_PATH}/${created.id}`), created);
    } catch (error) {
      if (!(error instanceof ChirpdError) || !OF_RECORDINGS.test(error.code)) throw error;
      return send(reply.code(422), { error: { code: error.code, message: error.message } });
    }
  });
  app.patch(`${REPLAYS_PATH}/:id`, needs('administer'), async (request, reply) =>
    send(reply, await replays().change(idOf(request.params), readReplayChange(request.body))),
  );
  app.delete(`${REPLAYS_PATH}/:id`, needs('administer'), async (request, reply) =>
    send(reply, await replays().remove(idOf(request.params))),
  );
}
