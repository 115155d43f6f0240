import type { TimelineMessage } from '../../daemon/protocol/messages.js';
import type { EventsPage } from '../../daemon/server/events-query.js';

/** The whole timeline, page after page over HTTP, in the order of cursors. */
export async function readTimeline(address: string): Promise<readonly TimelineMessage[]> {
  const records: TimelineMessage[] = [];
  let next: string | null = '/v1/events?after=0&limit=37';
  while (next !== null) {
    const response: Response = await fetch(new URL(next, address));
    if (!response.ok) throw new Error(`${next} was answered with ${response.status}: ${await response.text()}`);
    const page = (await response.json()) as EventsPage;
    records.push(...page.records);
    next = page.next;
  }
  return records;
}
