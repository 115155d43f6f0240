import { ChirpdError, errorText, type ErrorCode } from '../../pipelines/core/errors.js';
import type { TimelineMessage } from '../protocol/messages.js';
import { askDaemon, type DaemonAnswer } from './ask-daemon.js';
import type { DaemonAccess } from './daemon-access.js';
import { REPLAYS_PATH, type ReplayInfo, type ReplayRequest } from '../protocol/replay-messages.js';

const DEFAULT_PORT_URL = 'http://127.0.0.1:4180/';
const TIMEOUT_MS = 60_000;

/** `/v1/replays` of a running daemon. */
export class DaemonReplays {
  readonly #url: URL;
  readonly #access: DaemonAccess;

  /** @param text `host:port` or the board's address. @throws ChirpdError USAGE_URL */
  constructor(text: string, access: DaemonAccess = {}) {
    const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
    const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
    if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
      throw new ChirpdError('USAGE_URL', `"${text}" is no address of a daemon; write it like ${DEFAULT_PORT_URL}`);
    }
    this.#url = url;
    this.#access = access;
  }

  async create(request: ReplayRequest): Promise<ReplayInfo> {
    return (await this.#ask('POST', REPLAYS_PATH, request)) as ReplayInfo;
  }

  async info(id: string): Promise<ReplayInfo> {
    return (await this.#ask('GET', `${REPLAYS_PATH}/${id}`)) as ReplayInfo;
  }

  async remove(id: string): Promise<void> {
    await this.#ask('DELETE', `${REPLAYS_PATH}/${id}`);
  }

  /** All pages of `GET /v1/events`. */
  async records(query: Readonly<Record<string, string>>): Promise<readonly TimelineMessage[]> {
    const records: TimelineMessage[] = [];
    const parameters = new URLSearchParams({ ...query, limit: '1000' });
    for (let next: string | null = `/v1/events?${parameters.toString()}`; next !== null;) {
      const page = (await this.#ask('GET', next)) as { records: readonly TimelineMessage[]; next: string | null };
      records.push(...page.records);
      next = page.next;
    }
    return records;
  }

  /** @throws ChirpdError SERVER_UNREACHABLE, SERVER_NOT_CHIRPD, and whatever code the daemon answers with */
  async #ask(method: string, path: string, body?: object): Promise<unknown> {
    const url = new URL(path, this.#url);
    let answer: DaemonAnswer;
    try {
      answer = await askDaemon(url, { ...this.#access, method, body, timeoutMs: TIMEOUT_MS });
    } catch (error) {
      throw new ChirpdError(
        'SERVER_UNREACHABLE',
        `the daemon at ${this.#url.href} cannot be reached: ${errorText(error)}`,
      );
    }
    const { text, status } = answer;
    const value = jsonOf(text);
    if (status >= 200 && status < 300 && value !== undefined) return value;
    const { code, message } = errorOf(value);
    if (code === undefined) {
      const said = `${url.href} answers with HTTP status ${String(status)}: is it a chirpd that can replay?`;
      throw new ChirpdError('SERVER_NOT_CHIRPD', said);
    }
    throw new ChirpdError(code, message.replace(` [${code}]`, ''));
  }
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
