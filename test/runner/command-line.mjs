import { parseArgs } from 'node:util';

/** A command line that cannot be understood: one line for whoever typed it. */
export class UsageError extends Error {
  /** Two bundles have two of this class. */
  code = 'USAGE';
}

/** The values of the options; nothing else may stand there. */
export function readOptions(options, args) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(said(error, options), { cause: error });
  }
}

/** What `parseArgs` says in many words. */
function said(error, options) {
  const [, name] = /'(?:-\w, )?--([\w-]+)/.exec(error.message) ?? [];
  switch (error.code) {
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      return options[name]?.type === 'boolean' ? `--${name} takes no value` : `--${name} needs a value`;
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return `there is no option ${/'([^']*)'/.exec(error.message)?.[1] ?? ''}`;
    case 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL':
      return `${/'([^']*)'/.exec(error.message)?.[1] ?? ''} is no option`;
    default:
      throw error;
  }
}

export function wholeNumber(name, text, lowest) {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < lowest)
    throw new UsageError(`--${name} takes a whole number from ${lowest}, not "${text}"`);
  return value;
}

export function numberAbove0(name, text) {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new UsageError(`--${name} takes a number above 0, not "${text}"`);
  return value;
}

/** What `read` returns; where the command line cannot be understood, says why and ends the process with 2. */
export function orUsage(read) {
  try {
    return read();
  } catch (error) {
    if (error?.code !== 'USAGE') throw error;
    process.stderr.write(`${error.message}; --help says more\n`);
    process.exit(2);
  }
}
