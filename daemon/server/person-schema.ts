import { z } from 'zod';

/** As in the names of beds: control characters would break log lines, tables and terminals. */
const plain = /^[^\p{C}]*$/u;

/** Who does something, and what they have to say. */
export const personFields = {
  name: z.string().trim().min(1).max(100).regex(plain, 'no control characters'),
  note: z.string().trim().max(500).regex(plain, 'no control characters').default(''),
};
