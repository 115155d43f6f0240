import { errorText } from '../../pipelines/core/errors.js';
import type { TimelineMessage } from '../protocol/messages.js';
import { unpackPlain } from '../protocol/plain-messagepack.js';
import { timelineCorrupt } from './check-store-file.js';

/** The message of a record. @throws ChirpdError TIMELINE_CORRUPT */
export function decodeRecord(directory: string, cursor: number, value: Buffer | undefined): TimelineMessage {
  try {
    if (value === undefined) throw new Error('it is missing');
    const message = unpackPlain(value) as TimelineMessage;
    if (message.cursor !== cursor) throw new Error('it holds another record');
    return message;
  } catch (error) {
    throw timelineCorrupt(directory, `record ${String(cursor)} cannot be read (${errorText(error)})`, error);
  }
}
