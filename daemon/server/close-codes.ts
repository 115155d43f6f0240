import type { ErrorCode } from '../../pipelines/core/errors.js';
import { INGEST_CLOSE } from '../protocol/ingest-messages.js';

/** RFC 6455: a close reason has at most 123 bytes. */
const MAX_REASON_BYTES = 123;

const CLOSE_CODES: Readonly<Partial<Record<ErrorCode, number>>> = {
  PROTOCOL_BAD_MESSAGE: INGEST_CLOSE.badMessage,
  PROTOCOL_NO_SUCH_BED: INGEST_CLOSE.noSuchBed,
  PUSH_SILENT: INGEST_CLOSE.silent,
  PUSH_BED_TAKEN: INGEST_CLOSE.bedTaken,
  PUSH_REPLACED: INGEST_CLOSE.replaced,
  PUSH_MISMATCH: INGEST_CLOSE.mismatch,
  PUSH_ORDER: INGEST_CLOSE.order,
  PUSH_NOT_READY: INGEST_CLOSE.notReady,
};

/** With which code an error closes a pusher's connection. */
export function closeCodeOf(code: ErrorCode): number {
  return CLOSE_CODES[code] ?? INGEST_CLOSE.internalError;
}

export function closeReason(text: string): string {
  return Buffer.from(text).subarray(0, MAX_REASON_BYTES).toString();
}
