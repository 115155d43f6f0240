import { z } from 'zod';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { replayOf, TIMELINE_TYPES, type TimelineMessage } from '../protocol/messages.js';
import { contentTimeMicros } from '../timeline/record.js';
import type { TimePosition } from '../timeline/store.js';
import type { Timeline } from '../timeline/timeline.js';

/** Records looked at for one page where only some are asked for: bounds the time a request takes. */
const MAX_SCAN = 2000;
const MAX_LIMIT = 1000;
const DEFAULT_LIMIT = 100;

const wholeNumber = z
  .stringFormat('whole number', /^-?\d{1,16}$/)
  .transform(Number)
  .pipe(z.int());

const eventsQuerySchema = z.strictObject({
  bed: z.string().min(1).max(200).optional(),
  kind: z
    .string()
    .max(200)
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(TIMELINE_TYPES)).min(1))
    .optional(),
  from: wholeNumber.optional(),
  to: wholeNumber.optional(),
  after: wholeNumber.pipe(z.int().nonnegative()).optional(),
  replays: z.enum(['true', 'false']).optional(),
  limit: wholeNumber.pipe(z.int().min(1).max(MAX_LIMIT)).default(DEFAULT_LIMIT),
  page: z.stringFormat('page', /^-?\d{1,16}_\d{1,16}$/).optional(),
});

type EventsQuery = z.infer<typeof eventsQuerySchema>;

/** Answer of `GET /v1/events`. */
export interface EventsPage {
  readonly records: readonly TimelineMessage[];
  /** Path and query of the next page; null where there is none. */
  readonly next: string | null;
  readonly newestCursor: number;
  /** Records before this one have been deleted; 0 where there is none. */
  readonly oldestCursor: number;
}

/** @throws ChirpdError PROTOCOL_BAD_QUERY, TIMELINE_CORRUPT */
export function readEvents(timeline: Timeline, query: unknown): EventsPage {
  const result = eventsQuerySchema.safeParse(query);
  if (!result.success) {
    const issues = result.error.issues.map(({ path, message }) => `${path.join('.') || 'query'}: ${message}`);
    throw badQuery(issues.join('; '));
  }
  const { from, to, after, page } = result.data;
  const isByTime = from !== undefined || to !== undefined;
  if (isByTime && after !== undefined) throw badQuery('give either from and to (a range of time) or after (a cursor)');
  if (!isByTime && page !== undefined) throw badQuery('page belongs to from and to');
  return isByTime ? readByTime(timeline, result.data) : readByCursor(timeline, result.data);
}

function readByTime(timeline: Timeline, query: EventsQuery): EventsPage {
  const { bed, kind, from, to, page, limit, replays } = query;
  const fromMicros = from ?? Number.MIN_SAFE_INTEGER;
  const toMicros = to ?? Number.MAX_SAFE_INTEGER;
  if (toMicros < fromMicros) throw badQuery('to lies before from');
  const [timeMicros = 0, cursor = 0] = page?.split('_').map(Number) ?? [];
  const after: TimePosition | undefined = page === undefined ? undefined : { timeMicros, cursor };
  const nRead = kind === undefined ? limit + 1 : MAX_SCAN;
  const scanned = timeline.inRange({ ...(bed && { bed }), fromMicros, toMicros, ...(after && { after }) }, nRead);
  // A page is as long as what was looked at allows: what is left out of it leaves a shorter page, not an end.
  const onPage = kind === undefined ? scanned.slice(0, limit) : scanned;
  const matching = onPage.filter((record) => isWanted(record, query));
  const records = matching.slice(0, limit);
  const isMore = matching.length > limit || scanned.length === nRead;
  const last = isMore ? (matching.length > limit ? records : onPage).at(-1) : undefined;
  const nextPage = last && `${String(contentTimeMicros(last))}_${String(last.cursor)}`;
  const next = { bed, kind: kind?.join(','), from, to, replays, limit, page: nextPage };
  return answer(timeline, records, nextPage === undefined ? undefined : next);
}

/** Of the kinds and the bed that are asked for; of all beds, those of replays only where they are asked for. */
function isWanted(record: TimelineMessage, { bed, kind, replays }: EventsQuery): boolean {
  if (kind !== undefined && !kind.includes(record.type)) return false;
  return bed === undefined ? replays === 'true' || replayOf(record) === undefined : record.bed === bed;
}

function readByCursor(timeline: Timeline, query: EventsQuery): EventsPage {
  const { bed, kind, after = 0, limit, replays } = query;
  const scanned = timeline.after(after, bed === undefined && kind === undefined ? limit : MAX_SCAN);
  const matching = scanned.filter((record) => isWanted(record, query));
  const records = matching.slice(0, limit);
  const reached = (matching.length > limit ? records.at(-1) : scanned.at(-1))?.cursor ?? timeline.newestCursor;
  const next = { bed, kind: kind?.join(','), after: reached, replays, limit };
  return answer(timeline, records, reached < timeline.newestCursor ? next : undefined);
}

function answer(
  timeline: Timeline,
  records: readonly TimelineMessage[],
  next: Readonly<Record<string, string | number | undefined>> | undefined,
): EventsPage {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(next ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return {
    records,
    next: next === undefined ? null : `/v1/events?${parameters.toString()}`,
    newestCursor: timeline.newestCursor,
    oldestCursor: timeline.oldestCursor,
  };
}

function badQuery(text: string): ChirpdError {
  return new ChirpdError('PROTOCOL_BAD_QUERY', text);
}
