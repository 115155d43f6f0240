import type { TimelineMessage } from '../../daemon/protocol/messages.js';

/** Messages of one bed that are in the timeline already. Fails where the daemon cannot be asked; then only live ones show. */
export async function bedHistory(bed: string): Promise<readonly TimelineMessage[]> {
  const response = await fetch(`/v1/events?${new URLSearchParams({ bed }).toString()}`);
  if (!response.ok) throw new Error(`the daemon answered ${String(response.status)}`);
  const body = (await response.json()) as { messages: TimelineMessage[] };
  return body.messages;
}
