import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { alarmRulesSchema } from '../alarms/patient/alarm-rule.js';
import type { ChangedBy, RuleBook } from '../alarms/patient/rule-book.js';
import type { BedAlarmRules } from '../protocol/alarm-rules.js';
import { badBody, DetailedError } from './detailed-error.js';
import { personFields } from './person-schema.js';
import { needs } from './route-role.js';

export const ALARM_RULES_PATH = {
  path: /^\/v1\/beds\/[^/]+\/alarm-rules$/,
  methods: ['GET', 'HEAD', 'PUT', 'DELETE'],
} as const;

const PATH = '/v1/beds/:bed/alarm-rules';
const BODY_LIMIT = 16_384;
/** How long an answer waits for the change to be on disk. */
const STORED_MS = 2000;

const paramsSchema = z.object({ bed: z.string() });
const changeSchema = z.strictObject({ rules: alarmRulesSchema, ...personFields });
const withdrawalSchema = z.strictObject(personFields);

/** The alarm rules of a bed: which are in force, others in their place, back to those of the config. */
export function addAlarmRulesRoutes(app: FastifyInstance, book: RuleBook): void {
  app.get(PATH, needs('view'), async (request, reply) => send(reply, book.get(bedOf(request))));

  app.put(PATH, needs('administer', { bodyLimit: BODY_LIMIT }), async (request, reply) => {
    const now = book.get(bedOf(request));
    const { success, data, error } = changeSchema.safeParse(request.body);
    if (!success) throw badBody('New rules are {"rules", "name", "note"?}', error);
    checkSeen(request, now);
    return sendChanged(reply, book, book.change(now.bed, data.rules, changedBy(request, data)));
  });

  app.delete(PATH, needs('administer', { bodyLimit: BODY_LIMIT }), async (request, reply) => {
    const now = book.get(bedOf(request));
    const { success, data, error } = withdrawalSchema.safeParse(request.body);
    if (!success) throw badBody('Who withdraws rules says {"name", "note"?}', error);
    checkSeen(request, now);
    return sendChanged(reply, book, book.withdraw(now.bed, changedBy(request, data)));
  });
}

function bedOf(request: FastifyRequest): string {
  return paramsSchema.parse(request.params).bed;
}

/** The person who types a name, and the token that was shown. */
function changedBy({ identity }: FastifyRequest, { name, note }: ChangedBy): ChangedBy {
  return { name, note, ...(identity !== undefined && { token: identity.name }) };
}

/** Nobody is to put aside rules that they have not seen. */
function checkSeen(request: FastifyRequest, now: BedAlarmRules): void {
  const seen = request.headers['if-match'];
  if (seen === undefined) {
    throw new ChirpdError(
      'ALARM_RULES_UNSEEN',
      'Say in the header If-Match which rules you have seen: the ETag of a GET',
    );
  }
  const etags = seen.split(',').map((tag) => tag.trim().replace(/^W\//, '').replace(/^"|"$/g, ''));
  if (etags.includes('*') || etags.includes(now.etag)) return;
  const by = now.lastChange === null ? 'The rules are others' : `${now.lastChange.name} has changed the rules`;
  const text = `${by} since you have read them: look at what is in force now, and change that`;
  throw new DetailedError('ALARM_RULES_CHANGED', text, { current: now });
}

/** Not yet on disk: it counts, and is written when the disk takes it. */
async function sendChanged(reply: FastifyReply, book: RuleBook, { bed }: BedAlarmRules): Promise<FastifyReply> {
  const isStored = await book.stored(bed, STORED_MS);
  return send(reply.code(isStored ? 200 : 202), { ...book.get(bed), isStored });
}

function send(reply: FastifyReply, rules: BedAlarmRules): FastifyReply {
  return reply.headers({ 'cache-control': 'no-store', etag: `"${rules.etag}"` }).send(rules);
}
