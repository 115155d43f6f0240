import { z } from 'zod';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { bedNameSchema, bedSchema } from '../config/schema.js';
import { plainMessage } from '../config/problem.js';
import type { ReplayChange } from '../protocol/replay-messages.js';

const replaySpeedSchema = z.union([z.number().min(0.1).max(200), z.literal('max')], {
  error: 'a number from 0.1 to 200, or max',
});
/** A century: what is past the end of a recording gives nothing. */
const secondsSchema = z.number().min(0).max(3.2e9);

const requestSchema = z.strictObject({
  files: z.array(z.string().min(1).max(4096)).min(1).max(1000),
  bed: bedNameSchema.optional(),
  speed: replaySpeedSchema.default(1),
  fromSeconds: secondsSchema.default(0),
  paused: z.boolean().default(false),
  montage: bedSchema.shape.montage.unwrap().optional(),
  profiles: bedSchema.shape.profiles.unwrap().optional(),
  mainsHz: bedSchema.shape.mainsHz.unwrap().optional(),
});

const changeSchema = z.strictObject({
  speed: replaySpeedSchema.optional(),
  paused: z.boolean().optional(),
  seekSeconds: secondsSchema.optional(),
});

export type CheckedRequest = Readonly<z.output<typeof requestSchema>>;

/** @throws ChirpdError PROTOCOL_BAD_BODY */
export function readReplayRequest(body: unknown): CheckedRequest {
  return read(requestSchema, body, 'A replay is {"files", "bed"?, "speed"?, "fromSeconds"?, ...}');
}

/** @throws ChirpdError PROTOCOL_BAD_BODY */
export function readReplayChange(body: unknown): ReplayChange {
  const { speed, paused, seekSeconds } = read(changeSchema, body, 'A change is {"speed"?, "paused"?, "seekSeconds"?}');
  return {
    ...(speed !== undefined && { speed }),
    ...(paused !== undefined && { paused }),
    ...(seekSeconds !== undefined && { seekSeconds }),
  };
}

function read<Value>(schema: z.ZodType<Value>, body: unknown, what: string): Value {
  const parsed = schema.safeParse(body, { error: plainMessage });
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw new ChirpdError('PROTOCOL_BAD_BODY', `${what}: ${issues.join('; ')}`);
}
