import type { AlarmRule, BedAlarmRules } from '../../daemon/protocol/alarm-rules.js';

export interface RulesAnswer {
  readonly status: number;
  readonly etag: string | null;
  readonly rules: BedAlarmRules;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly issues?: readonly { readonly path: string; readonly message: string }[];
    readonly current?: BedAlarmRules;
  };
}

/** Asks for the alarm rules of a bed, or changes them. */
export async function askRules(address: string, bed: string, init: RequestInit = {}): Promise<RulesAnswer> {
  const response = await fetch(new URL(`/v1/beds/${encodeURIComponent(bed)}/alarm-rules`, address), init);
  const body = (await response.json()) as unknown;
  const { error } = body as RulesAnswer;
  return { status: response.status, etag: response.headers.get('etag'), rules: body as BedAlarmRules, error };
}

/** @param seen the ETag of what is to be replaced */
export function putRules(
  address: string,
  bed: string,
  seen: string,
  body: {
    readonly rules: readonly (Partial<AlarmRule> & Pick<AlarmRule, 'priority'>)[];
    readonly [key: string]: unknown;
  },
): Promise<RulesAnswer> {
  return askRules(address, bed, { method: 'PUT', headers: headers(seen), body: JSON.stringify(body) });
}

export function withdrawRules(address: string, bed: string, seen: string, name: string): Promise<RulesAnswer> {
  return askRules(address, bed, { method: 'DELETE', headers: headers(seen), body: JSON.stringify({ name }) });
}

function headers(seen: string): Record<string, string> {
  return { 'content-type': 'application/json', 'if-match': seen };
}
