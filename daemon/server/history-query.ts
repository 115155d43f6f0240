import { z } from 'zod';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { Histories } from '../history/histories.js';
import type { BedHistory } from '../protocol/messages.js';
import type { Hub } from './hub.js';

/** As many as 24 hours have averages of 10 s. */
const MAX_COLUMNS = 8640;
const MIN_COLUMNS = 16;
const DEFAULT_COLUMNS = 720;
const MAX_HOURS = 24;

const paramsSchema = z.object({ bed: z.string() });
const querySchema = z.strictObject({
  hours: z
    .stringFormat('number', /^\d{1,2}(?:\.\d{1,9})?$/)
    .transform(Number)
    .pipe(z.number().positive().max(MAX_HOURS))
    .default(MAX_HOURS),
  columns: z
    .stringFormat('whole number', /^\d{1,5}$/)
    .transform(Number)
    .pipe(z.int().min(MIN_COLUMNS).max(MAX_COLUMNS))
    .default(DEFAULT_COLUMNS),
});

/**
 * Answer of `GET /v1/beds/{bed}/history`.
 *
 * @param params of the route: `bed`, decoded
 * @throws ChirpdError PROTOCOL_NOT_FOUND (no such bed, or it has no history), PROTOCOL_BAD_QUERY
 */
export async function readHistory(
  hub: Pick<Hub, 'bed'>,
  histories: Pick<Histories, 'find' | 'read'> | undefined,
  params: unknown,
  query: unknown,
): Promise<BedHistory> {
  const result = querySchema.safeParse(query);
  if (!result.success) {
    const issues = result.error.issues.map(({ path, message }) => `${path.join('.') || 'query'}: ${message}`);
    throw new ChirpdError('PROTOCOL_BAD_QUERY', issues.join('; '));
  }
  const { bed } = paramsSchema.parse(params);
  const store = histories?.find(bed);
  if (histories !== undefined && store !== undefined) {
    return histories.read(bed, store, result.data.hours, result.data.columns);
  }
  const why = hub.bed(bed) === undefined ? 'There is no bed' : 'No history is kept of bed';
  throw new ChirpdError('PROTOCOL_NOT_FOUND', `${why} ${bed.slice(0, 200)}`);
}
