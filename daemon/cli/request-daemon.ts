import { ChirpdError, errorText, type ErrorCode } from '../../pipelines/core/errors.js';
import { askDaemon, type DaemonAnswer } from './ask-daemon.js';
import type { DaemonAccess } from './daemon-access.js';

export const DEFAULT_DAEMON_URL = 'http://127.0.0.1:4180/';
const TIMEOUT_MS = 60_000;

/** @param text `host:port` or the board's address. @throws ChirpdError USAGE_URL */
export function daemonAddress(text: string): URL {
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new ChirpdError('USAGE_URL', `"${text}" is no address of a daemon; write it like ${DEFAULT_DAEMON_URL}`);
  }
  return url;
}

/**
 * Asks a daemon for something, and gives its answer.
 * @param able what it must be able to do, for people
 * @throws ChirpdError SERVER_UNREACHABLE, SERVER_NOT_CHIRPD, and whatever code the daemon answers with
 */
export async function requestDaemon(
  url: URL,
  { able, ...request }: DaemonAccess & { method: string; body?: object | undefined; able: string },
): Promise<unknown> {
  let answer: DaemonAnswer;
  try {
    answer = await askDaemon(url, { ...request, timeoutMs: TIMEOUT_MS });
  } catch (error) {
    throw new ChirpdError('SERVER_UNREACHABLE', `the daemon at ${url.origin}/ cannot be reached: ${errorText(error)}`);
  }
  const { text, status } = answer;
  const value = jsonOf(text);
  if (status >= 200 && status < 300 && value !== undefined) return value;
  const { code, message } = errorOf(value);
  if (code === undefined) {
    const said = `${url.href} answers with HTTP status ${String(status)}: is it a chirpd that can ${able}?`;
    throw new ChirpdError('SERVER_NOT_CHIRPD', said);
  }
  throw new ChirpdError(code, message.replace(` [${code}]`, ''));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorOf(value: unknown): { readonly code?: ErrorCode; readonly message: string } {
  const found = (value as { error?: { code?: unknown; message?: unknown } } | undefined)?.error;
  if (typeof found?.code !== 'string') return { message: '' };
  return { code: found.code as ErrorCode, message: String(found.message) };
}
