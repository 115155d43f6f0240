import { z } from 'zod';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { SpectrogramHistory } from '../protocol/messages.js';
import type { Hub } from './hub.js';

const paramsSchema = z.object({ bed: z.string() });
const querySchema = z.strictObject({ profile: z.string().min(1).max(200).optional() });

/**
 * Answer of `GET /v1/beds/{bed}/spectrogram`.
 *
 * @param params of the route: `bed`, decoded
 * @throws ChirpdError PROTOCOL_NOT_FOUND (no such bed, or it has no such profile), PROTOCOL_BAD_QUERY
 */
export function readSpectrogram(hub: Pick<Hub, 'bed'>, params: unknown, query: unknown): SpectrogramHistory {
  const result = querySchema.safeParse(query);
  if (!result.success) {
    const issues = result.error.issues.map(({ path, message }) => `${path.join('.') || 'query'}: ${message}`);
    throw new ChirpdError('PROTOCOL_BAD_QUERY', issues.join('; '));
  }
  const { bed: name } = paramsSchema.parse(params);
  const bed = hub.bed(name);
  if (bed === undefined) throw new ChirpdError('PROTOCOL_NOT_FOUND', `There is no bed ${name.slice(0, 200)}`);
  const info = bed.info();
  const { profile = info.profiles[0]?.name ?? '' } = result.data;
  const found = info.profiles.find((one) => one.name === profile);
  if (found === undefined) {
    const names = info.profiles.map((one) => one.name).join(', ');
    throw new ChirpdError('PROTOCOL_NOT_FOUND', `Bed ${name} has no band profile ${profile}, but ${names}`);
  }
  return bed.recentColumns.history(info, found);
}
