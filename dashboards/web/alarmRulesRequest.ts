import type { AlarmPreview, AlarmRule, BedAlarmRules } from '../../daemon/protocol/alarm-rules.js';
import { alarmRulesWords } from './wordsAlarmRules.js';

const TIMEOUT_MS = 10_000;
const GET_TIMEOUT_MS = 4000;

/** What the daemon says against something. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  /** What of the body is wrong: `rules.0.burden`, `name`. */
  readonly issues: readonly { readonly path: string; readonly message: string }[];
  /** What is in force, where somebody else has changed it. */
  readonly current?: BedAlarmRules;
}

/** The daemon does not do what it was asked for; `refusal` undefined: it cannot be reached. */
export class RulesError extends Error {
  readonly refusal: Refusal | undefined;

  constructor(message: string, refusal?: Refusal) {
    super(message);
    this.refusal = refusal;
  }
}

/** Who changes rules, and why. */
export interface ChangedBy {
  readonly name: string;
  readonly note: string;
}

/** @throws RulesError */
export function getRules(bed: string): Promise<BedAlarmRules> {
  return ask(`${pathOf(bed)}/alarm-rules`, { signal: AbortSignal.timeout(GET_TIMEOUT_MS) });
}

/** Puts rules in force in place of those that `etag` names; `rules` undefined: those of the config. @throws RulesError */
export function putRules(
  bed: string,
  etag: string,
  rules: readonly AlarmRule[] | undefined,
  by: ChangedBy,
): Promise<BedAlarmRules> {
  return ask(`${pathOf(bed)}/alarm-rules`, {
    method: rules === undefined ? 'DELETE' : 'PUT',
    headers: { 'content-type': 'application/json', 'if-match': `"${etag}"` },
    body: JSON.stringify({ ...by, ...(rules && { rules }) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}

/** What rules would have done in the last 24 hours. @throws RulesError, or what `signal` was aborted with */
export function previewRules(bed: string, rules: readonly AlarmRule[], signal: AbortSignal): Promise<AlarmPreview> {
  return ask(`${pathOf(bed)}/alarm-preview`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ rules, details: true }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(3 * TIMEOUT_MS)]),
  });
}

function pathOf(bed: string): string {
  return `/v1/beds/${encodeURIComponent(bed)}`;
}

async function ask<Answer>(path: string, init: RequestInit): Promise<Answer> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(path, { cache: 'no-store', ...init });
    body = await response.json();
  } catch {
    throw new RulesError(alarmRulesWords().unanswered);
  }
  if (response.ok) return body as Answer;
  const { error } = body as { readonly error: Partial<Refusal> & { readonly message: string } };
  const { message, issues = [], current } = error;
  throw new RulesError(message, { status: response.status, message, issues, ...(current && { current }) });
}
