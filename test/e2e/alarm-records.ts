import type { AlarmMessage, OpenAlarm, TimelineMessage } from '../../daemon/protocol/messages.js';
import { until } from '../until.js';

/** A loaded machine is given time. */
const TIMEOUT_MS = 60_000;

/** The technical alarms that a daemon has open. */
export async function openAlarms(address: string): Promise<readonly OpenAlarm[]> {
  return (await allOpenAlarms(address)).filter(({ kind }) => kind === 'technical');
}

/** All alarms that a daemon has open. */
export async function allOpenAlarms(address: string): Promise<readonly OpenAlarm[]> {
  const response = await fetch(new URL('/v1/alarms', address));
  return ((await response.json()) as { alarms: readonly OpenAlarm[] }).alarms;
}

/** Waits for an open alarm of that code. */
export async function alarmOpen(address: string, code: string): Promise<OpenAlarm> {
  let found: OpenAlarm | undefined;
  await until(
    async () => {
      found = (await openAlarms(address)).find((alarm) => alarm.code === code);
      return found !== undefined;
    },
    `alarm ${code}`,
    TIMEOUT_MS,
  );
  return found!;
}

/** Waits until no alarm of that code is open. */
export async function alarmOver(address: string, code: string): Promise<void> {
  await until(
    async () => (await openAlarms(address)).every((alarm) => alarm.code !== code),
    `the end of ${code}`,
    TIMEOUT_MS,
  );
}

/** What was told of alarms of that code. */
export function alarmRecords(records: readonly TimelineMessage[], code: string): readonly AlarmMessage[] {
  return records.filter((record): record is AlarmMessage => record.type === 'alarm' && record.code === code);
}

export async function acknowledge(address: string, id: string, name: string): Promise<number> {
  const response = await fetch(new URL(`/v1/alarms/${id}/acknowledge`, address), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  await response.arrayBuffer();
  return response.status;
}
