import { z } from 'zod';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { decodeClientMessage } from '../protocol/codec.js';
import type { Frame, Subprotocol } from '../protocol/codec.js';
import { TOPICS } from '../protocol/messages.js';
import type { SubscribeMessage } from '../protocol/messages.js';

const MAX_BEDS = 1000;
const MAX_BED_CHARACTERS = 200;

const subscribeSchema = z.strictObject({
  type: z.literal('subscribe'),
  topics: z.array(z.enum(TOPICS)).max(TOPICS.length),
  beds: z.array(z.string().min(1).max(MAX_BED_CHARACTERS)).max(MAX_BEDS).optional(),
  minimumScore: z.number().min(0).max(1).optional(),
  replays: z.boolean().optional(),
  since: z.int().nonnegative().optional(),
});

const MAX_ISSUES = 3;

/** Reads a client's message. @throws ChirpdError PROTOCOL_BAD_MESSAGE that says what is wrong with it */
export function readSubscribe(subprotocol: Subprotocol, frame: Frame): SubscribeMessage {
  const result = subscribeSchema.safeParse(decodeClientMessage(subprotocol, frame));
  if (!result.success) {
    const issues = result.error.issues.slice(0, MAX_ISSUES).map(({ path, message }) => {
      return path.length === 0 ? message : `${path.join('.')}: ${message}`;
    });
    throw new ChirpdError('PROTOCOL_BAD_MESSAGE', `Not a subscribe message: ${issues.join('; ')}`);
  }
  const { type, topics, beds, minimumScore, replays, since } = result.data;
  return {
    type,
    topics,
    ...(beds && { beds }),
    ...(minimumScore !== undefined && { minimumScore }),
    ...(replays !== undefined && { replays }),
    ...(since !== undefined && { since }),
  };
}
