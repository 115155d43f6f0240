import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { readAddedLabel, readEventLabel, readWithdrawal } from '../labels/label-schema.js';
import type { LabelResult, Labels } from '../labels/labels.js';
import { labelTable } from '../labels/label-table.js';
import { withEventNow } from '../labels/told-labels.js';
import type { LabelAnswer, LabelsPage } from '../protocol/label-messages.js';
import type { Timeline } from '../timeline/timeline.js';
import { needs } from './route-role.js';

/** What these paths answer to. */
export const LABEL_PATHS = [
  { path: /^\/v1\/beds\/[^/]+\/labels$/, methods: ['GET', 'HEAD', 'POST'] },
  { path: /^\/v1\/beds\/[^/]+\/(?:labels\/[^/]+\/withdraw|events\/[^/]+\/labels)$/, methods: ['POST'] },
];

const BODY_LIMIT = 32_768;
const MAX_LIMIT = 1000;

const bedSchema = z.object({ bed: z.string() });
const idSchema = z.object({ bed: z.string(), id: z.string() });
const wholeNumber = z
  .stringFormat('whole number', /^-?\d{1,16}$/)
  .transform(Number)
  .pipe(z.int());
const tableQuerySchema = z.strictObject({ from: wholeNumber, to: wholeNumber });
const querySchema = z.strictObject({
  event: z.string().min(1).max(200).optional(),
  from: wholeNumber.optional(),
  to: wholeNumber.optional(),
  skip: wholeNumber.pipe(z.int().nonnegative()).default(0),
  limit: wholeNumber.pipe(z.int().min(1).max(MAX_LIMIT)).default(MAX_LIMIT),
});

/** What persons say of a bed's chirps: `/v1/beds/{bed}/labels`, `.../events/{id}/labels`, `.../labels/{id}/withdraw`. */
export function addLabelRoutes(app: FastifyInstance, labels: Labels, timeline: Timeline): void {
  const send = (reply: FastifyReply, { label, isNew }: LabelResult): FastifyReply => {
    const answer: LabelAnswer = { label, isInForce: labels.book.find(label.id) !== undefined };
    return reply
      .code(isNew && label.what === 'given' ? 201 : 200)
      .header('cache-control', 'no-store')
      .send(answer);
  };
  const body = needs('acknowledge', { bodyLimit: BODY_LIMIT });

  app.get('/v1/beds/:bed/labels', needs('view'), async (request, reply) => {
    const { bed } = bedSchema.parse(request.params);
    return reply.header('cache-control', 'no-store').send(readLabels(labels, timeline, bed, request.query));
  });
  app.get('/v1/beds/:bed/labels.tsv', needs('view'), async (request, reply) => {
    const { bed } = bedSchema.parse(request.params);
    const table = readTable(labels, timeline, bed, request.query);
    return reply.header('cache-control', 'no-store').type('text/tab-separated-values; charset=utf-8').send(table);
  });
  app.post('/v1/beds/:bed/labels', body, async (request, reply) => {
    const { bed } = bedSchema.parse(request.params);
    return send(reply, await labels.add(bed, readAddedLabel(request.body), request.identity?.name));
  });
  app.post('/v1/beds/:bed/events/:id/labels', body, async (request, reply) => {
    const { bed, id } = idSchema.parse(request.params);
    return send(reply, await labels.labelEvent(bed, id, readEventLabel(request.body), request.identity?.name));
  });
  app.post('/v1/beds/:bed/labels/:id/withdraw', body, async (request, reply) => {
    const { bed, id } = idSchema.parse(request.params);
    return send(reply, await labels.withdraw(bed, id, readWithdrawal(request.body), request.identity?.name));
  });
  for (const path of ['/v1/beds/:bed/events/:id/labels', '/v1/beds/:bed/labels/:id/withdraw']) {
    app.get(path, needs('acknowledge'), async (_request, reply) => {
      reply.header('allow', 'POST');
      throw new ChirpdError('PROTOCOL_METHOD_NOT_ALLOWED', 'This takes POST; GET /v1/beds/{bed}/labels lists labels');
    });
  }
}

/** Labels are few: a page is a piece of all that are in force. @throws ChirpdError PROTOCOL_BAD_QUERY, TIMELINE_CORRUPT */
function readLabels(labels: Labels, timeline: Timeline, bed: string, query: unknown): LabelsPage {
  const { event, from, to, skip, limit } = readQuery(querySchema, query);
  const matching = labels.book.ofBed(bed).filter((label) => {
    const isIn = label.offsetTimeMicros > (from ?? -Infinity) && label.onsetTimeMicros < (to ?? Infinity);
    return isIn && (event === undefined || label.event === event);
  });
  const page = matching.slice(skip, skip + limit).map((label) => withEventNow(timeline, label));
  if (skip + limit >= matching.length) return { labels: page, next: null };
  const next = new URLSearchParams();
  for (const [name, value] of Object.entries({ event, from, to, skip: skip + limit, limit })) {
    if (value !== undefined) next.set(name, String(value));
  }
  return { labels: page, next: `/v1/beds/${encodeURIComponent(bed)}/labels?${next.toString()}` };
}

/** @throws ChirpdError PROTOCOL_BAD_QUERY, TIMELINE_CORRUPT */
function readTable(labels: Labels, timeline: Timeline, bed: string, query: unknown): string {
  const { from, to } = readQuery(tableQuerySchema, query);
  if (to <= from) throw new ChirpdError('PROTOCOL_BAD_QUERY', 'to: is not later than from');
  const now = labels.book.ofBed(bed).map((label) => withEventNow(timeline, label));
  return labelTable(now, { startMicros: from, endMicros: to });
}

function readQuery<Value>(schema: z.ZodType<Value>, query: unknown): Value {
  const result = schema.safeParse(query);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.join('.') || 'query'}: ${message}`);
  throw new ChirpdError('PROTOCOL_BAD_QUERY', issues.join('; '));
}
