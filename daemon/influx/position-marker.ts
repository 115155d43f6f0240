import { integerField } from './field-text.js';
import type { InfluxClient } from './influx-client.js';
import { MEASUREMENTS, microsToNanos, type InfluxPoint } from './influx-point.js';
import { isUnreadable } from './prepare-database.js';

const MICROS_PER_HOUR = 3600e6;

/**
 * Says in InfluxDB itself up to which cursor it has taken a timeline: a server that came back empty, or with an older
 * backup, says less than the daemon remembers. One point an hour, written over.
 */
export function positionMarker(id: string, cursor: number, nowMicros: number): InfluxPoint {
  return {
    measurement: MEASUREMENTS.forwarder,
    tags: { timeline: id },
    fields: { cursor: integerField(cursor) },
    timeNanos: microsToNanos(Math.floor(nowMicros / MICROS_PER_HOUR) * MICROS_PER_HOUR),
  };
}

/**
 * The highest cursor that the database says it has; 0 where it has none, undefined where the user may not read it.
 * @throws ChirpdError SINK_INFLUX_...
 */
export async function readPositionMarker(client: InfluxClient, id: string): Promise<number | undefined> {
  try {
    const statement = `SELECT max("cursor") AS "cursor" FROM "${MEASUREMENTS.forwarder}" WHERE "timeline" = '${id}'`;
    const [row] = await client.query(statement);
    const cursor = row?.['cursor'];
    return typeof cursor === 'number' ? cursor : 0;
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}
