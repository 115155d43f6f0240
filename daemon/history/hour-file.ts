import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RECORD_BYTES, SLOT_SECONDS } from './slot-record.js';

const SLOTS_AN_HOUR = 3600 / SLOT_SECONDS;
const NAME = /^-?\d{1,9}\.history$/;

/** Which hour a slot is in: whole hours since 1970. Each has a file of its own. */
export function hourOf(slot: number): number {
  return Math.floor(slot / SLOTS_AN_HOUR);
}

export function firstSlotOf(hour: number): number {
  return hour * SLOTS_AN_HOUR;
}

export function hourFileName(hour: number): string {
  return `${String(hour)}.history`;
}

export function isHourFileName(name: string): boolean {
  return NAME.test(name);
}

/** Where in its file a slot's record stands. */
export function byteOffset(slot: number): number {
  return (slot - firstSlotOf(hourOf(slot))) * RECORD_BYTES;
}

/** Hours of which a folder has a file, rising; other files are none of the history's business. */
export async function hoursIn(folder: string): Promise<readonly number[]> {
  const names = await ifThere(readdir(folder));
  return (names ?? [])
    .filter(isHourFileName)
    .map((name) => parseInt(name, 10))
    .sort((a, b) => a - b);
}

/** The records of an hour, by slot; a place that was never written holds zeros, which are no record. */
export async function readHour(folder: string, hour: number): Promise<(slot: number) => Buffer | undefined> {
  const bytes = await ifThere(readFile(join(folder, hourFileName(hour))));
  return (slot) => {
    const record = bytes?.subarray(byteOffset(slot), byteOffset(slot) + RECORD_BYTES);
    return record?.length === RECORD_BYTES ? record : undefined;
  };
}

/** Undefined where there is no such file or folder. */
export async function ifThere<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  try {
    return await promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
