import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import { ROLES } from '../protocol/roles.js';

/** Control characters would break log lines, tables and terminals. */
export const tokenNameSchema = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\p{C}]+$/u, 'no control characters')
  .refine((name) => name.trim() === name, 'no space at either end');

const entrySchema = z.strictObject({
  name: tokenNameSchema,
  role: z.enum(ROLES),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits'),
  made: z.iso.datetime(),
});

const fileSchema = z.strictObject({
  version: z.literal(1),
  tokens: z
    .array(entrySchema)
    .max(1000)
    .refine((tokens) => new Set(tokens.map(({ name }) => name)).size === tokens.length, 'the same name twice'),
});

/** A token as it is kept: by its hash alone. */
export type TokenEntry = Readonly<z.output<typeof entrySchema>>;

/** Tells programs that look for secrets where none should be what they have found. */
const PREFIX = 'chirpd_';
const RANDOM_BYTES = 32;

/** A new token: 256 random bits as text that fits into headers and subprotocols. */
export function newToken(): string {
  return PREFIX + randomBytes(RANDOM_BYTES).toString('base64url');
}

/**
 * What is kept of a token, hexadecimal. Plain SHA-256: a slow hash such as scrypt is for passwords that can be guessed.
 * 256 random bits cannot, and a slow hash would have to be computed for each request.
 */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The entry of a token. Looks at all of them, so that the time it takes says nothing. */
export function findToken(entries: readonly TokenEntry[], token: string): TokenEntry | undefined {
  const digest = Buffer.from(hashOf(token), 'hex');
  let found: TokenEntry | undefined;
  for (const entry of entries) if (timingSafeEqual(digest, Buffer.from(entry.sha256, 'hex'))) found = entry;
  return found;
}

/**
 * Reads a tokens file. One that is not there has no tokens.
 * @throws ChirpdError CONFIG_TOKENS_FILE where it cannot be read, or says what it should not
 */
export function readTokenFile(file: string): readonly TokenEntry[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreadable(file, errorText(error), error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(file, 'it is not JSON', error);
  }
  const parsed = fileSchema.safeParse(value);
  if (parsed.success) return parsed.data.tokens;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`);
  throw unreadable(file, issues.slice(0, 5).join('; '), parsed.error);
}

/** The text of a tokens file. */
export function tokenFileText(tokens: readonly TokenEntry[]): string {
  return `${JSON.stringify({ version: 1, tokens }, undefined, 2)}\n`;
}

function unreadable(file: string, why: string, cause: unknown): ChirpdError {
  return new ChirpdError('CONFIG_TOKENS_FILE', `the tokens file ${file} cannot be used: ${why}`, { cause });
}
