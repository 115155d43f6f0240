import { setTimeout as sleep } from 'node:timers/promises';
import type { EventMessage, TimelineMessage } from '../../daemon/protocol/messages.js';
import type { ReplayChange, ReplayInfo, ReplayRequest } from '../../daemon/protocol/replay-messages.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** JSON. */
  readonly body: unknown;
}

/** Speaks to `/v1/replays` of a daemon as any program does. */
export class ReplayClient {
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const answer = await fetch(new URL(path, this.#address), {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  async create(request: ReplayRequest): Promise<ReplayInfo> {
    const { status, body } = await this.ask('POST', '/v1/replays', request);
    if (status !== 201) throw new Error(`${String(status)}: ${JSON.stringify(body)}`);
    return body as ReplayInfo;
  }

  async change(id: string, change: ReplayChange): Promise<ReplayInfo> {
    const { status, body } = await this.ask('PATCH', `/v1/replays/${id}`, change);
    if (status !== 200) throw new Error(`${String(status)}: ${JSON.stringify(body)}`);
    return body as ReplayInfo;
  }

  async info(id: string): Promise<ReplayInfo> {
    const { status, body } = await this.ask('GET', `/v1/replays/${id}`);
    if (status !== 200) throw new Error(`${String(status)}: ${JSON.stringify(body)}`);
    return body as ReplayInfo;
  }

  async until(id: string, condition: (info: ReplayInfo) => boolean, timeoutMs = 120_000): Promise<ReplayInfo> {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      const info = await this.info(id);
      if (condition(info)) return info;
      if (performance.now() > deadlineMs) throw new Error(`still ${JSON.stringify(info)}`);
      await sleep(20);
    }
  }

  /** What the timeline holds, of one bed or of all, in the order of cursors. */
  async records(query: Readonly<Record<string, string>>): Promise<readonly TimelineMessage[]> {
    const records: TimelineMessage[] = [];
    const parameters = new URLSearchParams({ limit: '1000', ...query });
    for (let next: string | null = `/v1/events?${parameters.toString()}`; next !== null;) {
      const page = (await this.ask('GET', next)).body as { records: readonly TimelineMessage[]; next: string | null };
      records.push(...page.records);
      next = page.next;
    }
    return records;
  }
}

/** An event of a replay as the bed that was recorded would have told it. */
export function asOf(bed: string, { replay, ...event }: EventMessage): EventMessage {
  if (replay === undefined) throw new Error(`${event.id} is no replay's`);
  return { ...event, bed };
}
