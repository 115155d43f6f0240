import { z } from 'zod';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { BedMontages } from '../protocol/messages.js';
import type { Hub } from './hub.js';

const paramsSchema = z.object({ bed: z.string() });
const querySchema = z.strictObject({});

/**
 * Answer of `GET /v1/beds/{bed}/montages`.
 *
 * @param params of the route: `bed`, decoded
 * @throws ChirpdError PROTOCOL_NOT_FOUND, PROTOCOL_BAD_QUERY
 */
export function readMontages(hub: Pick<Hub, 'bed'>, params: unknown, query: unknown): BedMontages {
  const result = querySchema.safeParse(query);
  if (!result.success) throw new ChirpdError('PROTOCOL_BAD_QUERY', result.error.issues[0]?.message ?? 'query');
  const { bed: name } = paramsSchema.parse(params);
  const bed = hub.bed(name);
  if (bed === undefined) throw new ChirpdError('PROTOCOL_NOT_FOUND', `There is no bed ${name.slice(0, 200)}`);
  return bed.montages();
}
