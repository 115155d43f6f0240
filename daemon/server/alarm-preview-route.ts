import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { alarmRulesSchema, type AlarmRule } from '../alarms/patient/alarm-rule.js';
import { previewAlarms, previewRuleSets } from '../alarms/patient/preview.js';
import type { RuleBook } from '../alarms/patient/rule-book.js';
import type { AlarmPreview, AlarmPreviewDetails, PreviewedAlarm, PreviewedStretch } from '../protocol/alarm-rules.js';
import { type BedInfo, type EventMessage, replayOf, type TimelineMessage } from '../protocol/messages.js';
import { contentTimeMicros } from '../timeline/record.js';
import type { TimePosition } from '../timeline/store.js';
import type { Timeline } from '../timeline/timeline.js';
import { badBody } from './detailed-error.js';
import type { Hub } from './hub.js';
import { needs } from './route-role.js';

export type { AlarmPreview } from '../protocol/alarm-rules.js';

/** Takes POST alone. */
export const PREVIEW_PATH = /^\/v1\/beds\/[^/]+\/alarm-preview$/;

const BODY_LIMIT = 16_384;
const HOUR_MICROS = 3_600_000_000;
const PAGE = 500;
/** A year of chirps, two a minute, would not be looked at in one answer. */
const MAX_TELLINGS = 100_000;
const MAX_CHIRPS = 2000;
const MAX_GAPS = 500;
/** So many records before the window are looked through for a gap that reaches into it: while no sample comes there are few. */
const MAX_BEFORE = 1000;

const paramsSchema = z.object({ bed: z.string() });
const bodySchema = z.strictObject({
  rules: alarmRulesSchema,
  hours: z.number().gt(0).max(24).default(24),
  details: z.boolean().default(false),
});

interface Records {
  readonly tellings: readonly EventMessage[];
  readonly gaps: readonly PreviewedStretch[];
}

export interface AlarmPreviewOptions {
  readonly timeline: Timeline;
  readonly hub: Pick<Hub, 'bed'>;
  /** Left out: no rules are in force. */
  readonly book: Pick<RuleBook, 'get'> | undefined;
}

/** What rules would have done on a live bed, up to its newest sample. One at a time: boards ask as somebody types. */
export function addAlarmPreviewRoute(app: FastifyInstance, { timeline, hub, book }: AlarmPreviewOptions): void {
  let busy: Promise<unknown> = Promise.resolve();
  const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const before = busy;
    const result = before.then(work);
    busy = result.catch(() => undefined);
    return result;
  };
  app.get('/v1/beds/:bed/alarm-preview', needs('acknowledge'), async (_request, reply) => {
    reply.header('allow', 'POST');
    throw new ChirpdError('PROTOCOL_METHOD_NOT_ALLOWED', 'A preview of rules is asked for with POST');
  });
  app.post('/v1/beds/:bed/alarm-preview', needs('acknowledge', { bodyLimit: BODY_LIMIT }), async (request, reply) => {
    const { bed } = paramsSchema.parse(request.params);
    const { success, data, error } = bodySchema.safeParse(request.body);
    if (!success) throw badBody('A preview takes {"rules", "hours"?, "details"?}', error);
    const info = hub.bed(bed)?.info();
    if (info === undefined || info.replay !== undefined) {
      throw new ChirpdError('PROTOCOL_NOT_FOUND', `There is no live bed "${bed.slice(0, 64)}"`);
    }
    const preview = await inTurn(async () => {
      // Who has gone away meanwhile, as those do who type on, is not waiting for it.
      if (request.raw.socket.destroyed) return undefined;
      return previewOf(info, data);
    });
    return reply.header('cache-control', 'no-store').send(preview);
  });

  async function previewOf(
    info: BedInfo,
    { rules, hours, details }: z.output<typeof bodySchema>,
  ): Promise<AlarmPreview> {
    const { bed } = info;
    const toMicros = info.newestTimeMicros;
    const fromMicros = Math.max(0, toMicros - hours * HOUR_MICROS);
    const records = await readRecords(timeline, bed, fromMicros - HOUR_MICROS, toMicros);
    return {
      ...{ bed, fromTimeMicros: fromMicros, toTimeMicros: toMicros },
      ...(details
        ? await detailed(rules, records, book?.get(bed) ?? { etag: '', rules: [] }, fromMicros, toMicros)
        : { alarms: await previewAlarms(rules, records.tellings, fromMicros, toMicros) }),
    };
  }
}

async function detailed(
  rules: readonly AlarmRule[],
  { tellings, gaps }: Records,
  inForce: { readonly etag: string; readonly rules: readonly AlarmRule[] },
  fromMicros: number,
  toMicros: number,
): Promise<AlarmPreviewDetails & Pick<AlarmPreview, 'alarms'>> {
  const sets = [rules, inForce.rules, ...rules.map((rule) => [rule])];
  const [alarms = [], alarmsNow = [], ...each] = await previewRuleSets(sets, tellings, fromMicros, toMicros);
  const chirps = chirpsOf(tellings).filter(({ offsetTimeMicros }) => offsetTimeMicros > fromMicros);
  return {
    alarms,
    perRule: each.map((one) => ({ nAlarms: one.length, alarmSeconds: secondsOf(one) })),
    inForce: { etag: inForce.etag, alarms: alarmsNow },
    chirps: chirps.slice(-MAX_CHIRPS),
    nChirps: chirps.length,
    gaps: gaps.filter(({ offsetTimeMicros }) => offsetTimeMicros > fromMicros).slice(-MAX_GAPS),
  };
}

function secondsOf(alarms: readonly PreviewedAlarm[]): number {
  return alarms.reduce((sum, alarm) => sum + (alarm.offsetTimeMicros - alarm.onsetTimeMicros) / 1e6, 0);
}

/** Each chirp as it was told last. */
function chirpsOf(tellings: readonly EventMessage[]): AlarmPreviewDetails['chirps'] {
  const newest = new Map<string, EventMessage>();
  for (const telling of tellings) {
    const known = newest.get(telling.id);
    if (known === undefined || known.revision < telling.revision) newest.set(telling.id, telling);
  }
  return Array.from(newest.values())
    .filter(({ mergedInto }) => mergedInto === undefined)
    .map(({ onsetTimeMicros, offsetTimeMicros, score }) => ({ onsetTimeMicros, offsetTimeMicros, score }))
    .sort((a, b) => a.onsetTimeMicros - b.onsetTimeMicros);
}

/** The gap, if any, that began before a time: it may have lasted for days. @param before what was told until then */
function gapBefore(before: readonly TimelineMessage[]): PreviewedStretch[] {
  const gap = before.find((message) => message.type === 'gap' && replayOf(message) === undefined);
  if (gap?.type !== 'gap') return [];
  const { onsetTimeMicros, offsetTimeMicros } = gap;
  return [{ onsetTimeMicros, offsetTimeMicros }];
}

function isOfStream(message: TimelineMessage): boolean {
  return replayOf(message) === undefined && ['stream', 'event', 'gap'].includes(message.type);
}

async function readRecords(timeline: Timeline, bed: string, fromMicros: number, toMicros: number): Promise<Records> {
  const tellings: EventMessage[] = [];
  const before = timeline.before(bed, fromMicros, MAX_BEFORE);
  const gaps = gapBefore(before);
  /** Undefined while nothing of the bed's stream was found. */
  let beganMicros = before.some(isOfStream) ? fromMicros : undefined;
  const take = (message: TimelineMessage): void => {
    if (replayOf(message) !== undefined) return;
    if (isOfStream(message)) beganMicros ??= contentTimeMicros(message);
    if (message.type === 'event') tellings.push(message);
    if (message.type !== 'gap') return;
    const { onsetTimeMicros, offsetTimeMicros } = message;
    gaps.push({ onsetTimeMicros, offsetTimeMicros });
  };
  let after: TimePosition | undefined;
  while (tellings.length < MAX_TELLINGS) {
    const page = timeline.inRange({ bed, fromMicros, toMicros, ...(after && { after }) }, PAGE);
    for (const message of page) take(message);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) break;
    after = { timeMicros: contentTimeMicros(last), cursor: last.cursor };
    await nextTurn();
  }
  // Nothing is known of the time before the bed's first record either.
  const offsetTimeMicros = beganMicros ?? toMicros;
  if (offsetTimeMicros > fromMicros) gaps.unshift({ onsetTimeMicros: fromMicros, offsetTimeMicros });
  return { tellings, gaps };
}
