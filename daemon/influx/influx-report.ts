import type { ErrorCode } from '../../pipelines/core/errors.js';

/** Where the forwarder stands. */
export interface InfluxReport {
  readonly state: 'connecting' | 'current' | 'catching-up' | 'failing';
  /** For people: `catching up, 1,234 records behind`. */
  readonly text: string;
  /** Why it fails; null while it does not. */
  readonly code: ErrorCode | null;
  /** The same for people; '' while it does not. */
  readonly failure: string;
  /** Since when it fails, Unix microseconds; 0 while it does not. */
  readonly failingSinceMicros: number;
  /** InfluxDB has the timeline up to this cursor. */
  readonly cursor: number;
  /** Records of the timeline that InfluxDB does not have yet. */
  readonly nBehind: number;
  /** Points of trends and health that wait in memory. */
  readonly nQueued: number;
  /** Points of trends and health dropped because too many waited, or because InfluxDB would not have them. */
  readonly nDropped: number;
  /** Records that InfluxDB's retention policy does not keep. */
  readonly nTooOld: number;
  /** Records that InfluxDB cannot read: left out. */
  readonly nUnreadable: number;
  /** Records that left the timeline before InfluxDB took them. */
  readonly nMissed: number;
}

export type InfluxFailure = Pick<InfluxReport, 'code' | 'failingSinceMicros'> & { readonly message: string };

export function influxText(
  { nBehind }: Pick<InfluxReport, 'nBehind'>,
  failure: InfluxFailure | undefined,
  note: string,
): string {
  const behind =
    nBehind === 0 ? '' : `, ${nBehind.toLocaleString('en')} ${nBehind === 1 ? 'record' : 'records'} behind`;
  if (failure !== undefined) {
    const since = new Date(failure.failingSinceMicros / 1000).toISOString().replace(/\.\d+/, '');
    return `failing since ${since}${behind}: ${failure.message}`;
  }
  const noted = note === '' ? '' : `; ${note}`;
  return `${behind === '' ? 'up to date' : `catching up${behind}`}${noted}`;
}
