import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import { canonicalLabel } from '../../pipelines/core/labels.js';
import { rawStreamSchema, type RawStream } from './raw-stream.js';

/** Longer than any header of 256 channels. */
export const MAX_HEADER_BYTES = 64 * 1024;

const NEWLINE = 0x0a;
const EXAMPLE = '{"channels":["F7","T7"],"sampleRate":256,"units":"uV","format":"float32le"}';

/**
 * The header at the beginning of a stream, and how many bytes it has; undefined while its line has not ended.
 * @throws ChirpdError RAW_HEADER
 */
export function readHeader(bytes: Buffer): { readonly stream: RawStream; readonly nBytes: number } | undefined {
  const end = bytes.indexOf(NEWLINE);
  if (end > MAX_HEADER_BYTES || (end < 0 && bytes.length > MAX_HEADER_BYTES)) {
    throw headerError(`there is no end of a line in the first ${MAX_HEADER_BYTES} bytes`);
  }
  if (end < 0) return undefined;
  return { stream: parseHeader(bytes.toString('utf8', 0, end)), nBytes: end + 1 };
}

function parseHeader(line: string): RawStream {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw headerError(errorText(error), error);
  }
  const parsed = rawStreamSchema.safeParse(value);
  if (!parsed.success) {
    const told = parsed.error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
    throw headerError(told.join('; '));
  }
  return checkedStream(parsed.data);
}

/** @throws ChirpdError RAW_HEADER where two channels share a name */
export function checkedStream(stream: RawStream): RawStream {
  const labels = stream.channels.map(canonicalLabel);
  const twice = labels.find((label, i) => labels.indexOf(label) < i);
  if (twice !== undefined) throw headerError(`two channels are called ${twice}`);
  return stream;
}

function headerError(reason: string, cause?: unknown): ChirpdError {
  const text = `the first line must be JSON such as ${EXAMPLE}, or options must say what comes: ${reason}`;
  return new ChirpdError('RAW_HEADER', text, { cause });
}
