import { InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import { rawStreamSchema } from '../../adapters/raw/raw-stream.js';
import { plainMessage } from '../config/problem.js';
import { bedNameSchema, presenceSchema, profileSchema, speedSchema, type Speed } from '../config/schema.js';
import type { ProfileName } from '../../pipelines/core/profile.js';

/** Lets a config schema check a command line value, so that both say the same. */
export function checked<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const parsed = schema.safeParse(value, { error: plainMessage });
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(parsed.error.issues.map(({ message }) => message).join('; '));
}

export function speedArgument(text: string): Speed {
  return checked(speedSchema, text === 'max' ? 'max' : Number(text));
}

export function bedArgument(text: string): string {
  return checked(bedNameSchema, text);
}

export function profileArgument(text: string, previous: readonly ProfileName[] = []): readonly ProfileName[] {
  return [...previous, checked(profileSchema, text)];
}

export function presenceArgument(text: string): number {
  return checked(presenceSchema, Number(text));
}

export function scoreArgument(text: string): number {
  const score = Number(text);
  if (text.trim() === '' || !(score >= 0 && score <= 1)) throw new InvalidArgumentError('a number from 0 to 1');
  return score;
}

export function positiveArgument(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('a number above 0');
  return value;
}

export function secondsArgument(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('a number from 0 on');
  return value;
}

export function portArgument(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError('a port is a number from 0 to 65535');
  return port;
}

export function cursorArgument(text: string): number {
  const cursor = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(cursor))
    throw new InvalidArgumentError('a cursor is a whole number');
  return cursor;
}

/** A montage as typed: a name, or derivations with commas between them. */
export function montageArgument(text: string): MontageInput {
  switch (text) {
    case 'auto':
    case 'average':
    case 'bipolar':
    case 'recorded':
      return text;
    default: {
      const derivations = text.split(',').map((label) => label.trim());
      if (derivations.includes('') || (derivations.length === 1 && !text.includes('-'))) {
        throw new InvalidArgumentError('auto, average, bipolar, recorded, or a list such as F7-T7,T7-P7');
      }
      return derivations;
    }
  }
}

type MontageInput = 'auto' | 'average' | 'bipolar' | 'recorded' | string[];

/** Labels with commas between them. */
export function channelsArgument(text: string): readonly string[] {
  return checked(
    rawStreamSchema.shape.channels,
    text.split(',').map((label) => label.trim()),
  );
}

export function rateArgument(text: string): number {
  return checked(rawStreamSchema.shape.sampleRate, Number(text));
}

export function scaleArgument(text: string): number {
  return checked(rawStreamSchema.shape.scale, Number(text));
}
