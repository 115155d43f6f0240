import { isChirpdError } from '../../pipelines/core/errors.js';
import type { InfluxClient } from './influx-client.js';
import type { InfluxConfig } from './influx-schema.js';

export type PrepareOptions = Pick<InfluxConfig, 'database' | 'retention' | 'manageDatabase'>;

const HOURS_OF = { d: 24, w: 168 } as const;

/**
 * Makes the database if it is missing, and sets how long its default retention policy keeps points. Returns what could
 * not be set because the user may not; '' where all is as the config says.
 * @throws ChirpdError SINK_INFLUX_...; SINK_INFLUX_CREDENTIALS also where the database is missing and the user may not
 * make it
 */
export async function prepareDatabase(client: InfluxClient, options: PrepareOptions): Promise<string> {
  const { database, retention, manageDatabase } = options;
  if (!manageDatabase) return '';
  const databases = await client.query('SHOW DATABASES');
  if (!databases.some(({ name }) => name === database)) {
    await client.query(`CREATE DATABASE "${database}"`, { changes: true });
  }
  if (retention === undefined) return '';
  try {
    await setRetention(client, database, retention);
    return '';
  } catch (error) {
    if (isChirpdError(error, 'SINK_INFLUX_CREDENTIALS')) return `influx.retention is not set: ${error.message}`;
    throw error;
  }
}

async function setRetention(client: InfluxClient, database: string, retention: string): Promise<void> {
  const policies = await client.query(`SHOW RETENTION POLICIES ON "${database}"`);
  const policy = policies.find((row) => row['default'] === true);
  const hours = retentionHours(retention);
  if (policy === undefined || policy['duration'] === goDuration(hours)) return;
  const duration = hours === 0 ? 'INF' : `${String(hours)}h`;
  const statement = `ALTER RETENTION POLICY "${String(policy['name'])}" ON "${database}"`;
  await client.query(`${statement} DURATION ${duration} SHARD DURATION ${shardDuration(hours)} DEFAULT`, {
    changes: true,
  });
}

/** 0: forever. */
function retentionHours(retention: string): number {
  if (retention === 'forever') return 0;
  return Number(retention.slice(0, -1)) * HOURS_OF[retention.at(-1) as 'd' | 'w'];
}

/** As the server writes durations. */
function goDuration(hours: number): string {
  return hours === 0 ? '0s' : `${String(hours)}h0m0s`;
}

/** The server's own defaults: an hour below two days, a day up to six months, else a week. */
function shardDuration(hours: number): string {
  if (hours === 0 || hours > 182 * 24) return '7d';
  return hours < 48 ? '1h' : '1d';
}

/** Whether an error says that the user may write but not read. */
export function isUnreadable(error: unknown): boolean {
  return isChirpdError(error, 'SINK_INFLUX_CREDENTIALS') && error.message.includes('requires READ');
}
