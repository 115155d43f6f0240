import type { TimelineMessage } from '../protocol/messages.js';
import type { DaemonAccess } from './daemon-access.js';
import { REPLAYS_PATH, type ReplayInfo, type ReplayRequest } from '../protocol/replay-messages.js';
import { daemonAddress, requestDaemon } from './request-daemon.js';

/** `/v1/replays` of a running daemon. */
export class DaemonReplays {
  readonly #url: URL;
  readonly #access: DaemonAccess;

  /** @param text `host:port` or the board's address. @throws ChirpdError USAGE_URL */
  constructor(text: string, access: DaemonAccess = {}) {
    this.#url = daemonAddress(text);
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

  #ask(method: string, path: string, body?: object): Promise<unknown> {
    return requestDaemon(new URL(path, this.#url), { ...this.#access, method, body, able: 'replay' });
  }
}
