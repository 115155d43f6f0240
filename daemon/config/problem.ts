import type { z } from 'zod';
import { ChirpdError, type ErrorCode } from '../../pipelines/core/errors.js';
import type { ConfigFileProblem } from '../protocol/reload-messages.js';

/** One thing that is wrong in a config. */
export interface ConfigProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** A config that is not as it should be, with each thing that is wrong. */
export class ConfigError extends ChirpdError {
  readonly problems: readonly ConfigFileProblem[];

  constructor(code: ErrorCode, message: string, problems: readonly ConfigFileProblem[]) {
    super(code, message);
    this.problems = problems;
  }
}

const LONGEST_KEY = 100;
/** Errors that are told at once; a file that is no config at all has thousands. */
export const MAX_TOLD = 100;

/** `beds[2].adapter.path` */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, i) => (typeof key === 'number' ? `[${String(key)}]` : `${i === 0 ? '' : '.'}${keyText(String(key))}`))
    .join('');
}

/** On one line: YAML takes whole maps for keys. */
function keyText(key: string): string {
  const text = key.replaceAll(/\s+/g, ' ');
  return text.length > LONGEST_KEY ? `${text.slice(0, LONGEST_KEY)}...` : text;
}

/** What zod finds wrong, in words for a person; a schema's own words come before these. */
export const plainMessage: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'is missing'
        : `should be ${issue.expected === 'int' ? 'a whole number' : issue.expected}`;
    case 'invalid_value':
      return `should be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'should not be empty'
        : `should be ${issue.inclusive === true ? 'at least' : 'above'} ${String(issue.minimum)}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `should have at most ${String(issue.maximum)} characters`
        : `should be ${issue.inclusive === true ? 'at most' : 'below'} ${String(issue.maximum)}`;
    default:
      return undefined;
  }
};

/** Every problem that zod found, an unknown key each on its own. */
export function schemaProblems({ issues }: z.core.$ZodError): readonly ConfigProblem[] {
  return issues.flatMap((issue): readonly ConfigProblem[] => {
    if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }];
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'there is no such key' }));
  });
}

/** Up to 100 problems at once, a line each: `chirpd.yaml:12: beds[2].adapter.path: ...`. */
export function configError(
  source: string,
  problems: readonly ConfigProblem[],
  lineOf: (path: readonly PropertyKey[]) => number | undefined = () => undefined,
): ConfigError {
  const located = problems.slice(0, MAX_TOLD).map(({ path, message }): ConfigFileProblem => {
    const line = lineOf(path);
    return { ...(line !== undefined && { line }), path: pathText(path), message };
  });
  const lines = located.map(({ line, path, message }) => {
    const place = line === undefined ? source : `${source}:${String(line)}`;
    return `  ${place}: ${path === '' ? '' : `${path}: `}${message}`;
  });
  if (problems.length > MAX_TOLD) lines.push(`  and ${String(problems.length - MAX_TOLD)} more`);
  const count = problems.length === 1 ? 'one error' : `${String(problems.length)} errors`;
  return new ConfigError('CONFIG_INVALID', `${count} in the config:\n${lines.join('\n')}\n`, located);
}
