import type { AddedLabelRequest, EventLabelRequest } from '../../daemon/protocol/label-messages.js';
import type { EventMessage, LabelMessage } from '../../daemon/protocol/messages.js';
import { labelWords } from './wordsLabels.js';

const TIMEOUT_MS = 10_000;

/** A new one each time: the page may be without `crypto.randomUUID`, which only HTTPS has. */
export function newLabelId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @throws Error with what is wrong, for people */
export async function postEventLabel(event: EventMessage, request: EventLabelRequest): Promise<LabelMessage> {
  return post(`/v1/beds/${encodeURIComponent(event.bed)}/events/${encodeURIComponent(event.id)}/labels`, request);
}

/** @throws Error with what is wrong, for people */
export async function postAddedLabel(bed: string, request: AddedLabelRequest): Promise<LabelMessage> {
  return post(`/v1/beds/${encodeURIComponent(bed)}/labels`, request);
}

/** @throws Error with what is wrong, for people */
export async function postWithdrawal(label: LabelMessage, name: string): Promise<LabelMessage> {
  return post(`/v1/beds/${encodeURIComponent(label.bed)}/labels/${encodeURIComponent(label.id)}/withdraw`, { name });
}

async function post(path: string, body: object): Promise<LabelMessage> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new Error(labelWords().unreachable);
  }
  const answer = (await response.json()) as { readonly label: LabelMessage; readonly error?: { message: string } };
  // The code at the end is for programs and logs.
  if (answer.error !== undefined) throw new Error(answer.error.message.replace(/ \[[A-Z0-9_]+\]$/, ''));
  return answer.label;
}
