import type { BedInfo } from '../../daemon/protocol/messages.js';

/** `GET /v1/beds` */
export async function readBeds(): Promise<readonly BedInfo[]> {
  const response = await fetch('/v1/beds');
  if (!response.ok) throw new Error(`the daemon answered ${String(response.status)}`);
  const body = (await response.json()) as { beds: readonly BedInfo[] };
  return body.beds;
}
