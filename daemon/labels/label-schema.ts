import { z } from 'zod';
import { ChirpdError } from '../../pipelines/core/errors.js';
import { plainMessage } from '../config/problem.js';

/** As in the names of beds: control characters would break log lines, tables and terminals. */
const plain = /^[^\p{C}]*$/u;
const MAX_HZ = 1000;
const MAX_DERIVATIONS = 256;

const whoSchema = {
  name: z.string().trim().min(1).max(100).regex(plain, 'no control characters'),
  note: z.string().trim().max(500).regex(plain, 'no control characters').default(''),
};
const idSchema = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, '8 to 64 letters, digits, - and _');
const textSchema = z.string().trim().max(100).regex(plain, 'no control characters');
const microsSchema = z.int();
const hertzSchema = z.number().min(0).max(MAX_HZ);
const derivationsSchema = z
  .array(z.string().trim().min(1).max(64).regex(plain, 'no control characters'))
  .max(MAX_DERIVATIONS);

const eventLabelSchema = z
  .strictObject({
    id: idSchema.optional(),
    verdict: z.enum(['confirmed', 'rejected', 'changed']),
    text: textSchema.optional(),
    onsetTimeMicros: microsSchema.optional(),
    offsetTimeMicros: microsSchema.optional(),
    startFrequencyHz: hertzSchema.optional(),
    endFrequencyHz: hertzSchema.optional(),
    derivations: derivationsSchema.optional(),
    ...whoSchema,
  })
  .superRefine((label, context) => {
    const own = (
      ['onsetTimeMicros', 'offsetTimeMicros', 'startFrequencyHz', 'endFrequencyHz', 'derivations'] as const
    ).filter((field) => label[field] !== undefined);
    const issue = (path: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    if (label.verdict !== 'changed') for (const field of own) issue(field, 'goes with "verdict": "changed" only');
    else if (own.length === 0 && (label.text ?? '') === '')
      issue('text', 'say what is changed: this, or another field');
    if (label.verdict === 'confirmed' && label.text === '') issue('text', 'left out, or what it is');
  });

const addedLabelSchema = z
  .strictObject({
    id: idSchema.optional(),
    text: textSchema.min(1).default('chirp'),
    onsetTimeMicros: microsSchema,
    offsetTimeMicros: microsSchema,
    startFrequencyHz: hertzSchema.optional(),
    endFrequencyHz: hertzSchema.optional(),
    derivations: derivationsSchema.optional(),
    ...whoSchema,
  })
  .readonly();

const withdrawSchema = z.strictObject(whoSchema);

export type CheckedEventLabel = Readonly<z.output<typeof eventLabelSchema>>;
export type CheckedAddedLabel = z.output<typeof addedLabelSchema>;
export type CheckedWithdrawal = Readonly<z.output<typeof withdrawSchema>>;

/** @throws ChirpdError PROTOCOL_BAD_BODY */
export function readEventLabel(body: unknown): CheckedEventLabel {
  return read(eventLabelSchema, body, 'A label of an event is {"verdict", "name", "text"?, "note"?, ...}');
}

/** @throws ChirpdError PROTOCOL_BAD_BODY */
export function readAddedLabel(body: unknown): CheckedAddedLabel {
  return read(addedLabelSchema, body, 'A label is {"onsetTimeMicros", "offsetTimeMicros", "name", "text"?, ...}');
}

/** @throws ChirpdError PROTOCOL_BAD_BODY */
export function readWithdrawal(body: unknown): CheckedWithdrawal {
  return read(withdrawSchema, body, 'Who takes a label back is {"name", "note"?}');
}

/** What a field that was read well turns out to be wrong about. */
export function badField(field: string, problem: string): ChirpdError {
  return new ChirpdError('PROTOCOL_BAD_BODY', `This label cannot be: ${field}: ${problem}`);
}

function read<Value>(schema: z.ZodType<Value>, body: unknown, what: string): Value {
  const parsed = schema.safeParse(body, { error: plainMessage });
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw new ChirpdError('PROTOCOL_BAD_BODY', `${what}: ${issues.join('; ')}`);
}
