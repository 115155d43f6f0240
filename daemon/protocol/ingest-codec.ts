import { ChirpdError } from '../../pipelines/core/errors.js';
import { toBase64 } from './base64.js';
import { decodeFrame } from './codec.js';
import type { Frame, Subprotocol } from './codec.js';
import type { IngestMessage, PusherMessage } from './ingest-messages.js';
import { SUBPROTOCOL_JSON } from './messages.js';
import { packPlain } from './plain-messagepack.js';

export function encodePusherMessage(subprotocol: Subprotocol, message: PusherMessage): Frame {
  if (subprotocol !== SUBPROTOCOL_JSON) return packPlain(message);
  return JSON.stringify(message.type === 'block' ? { ...message, samples: toBase64(message.samples) } : message);
}

export function encodeIngestMessage(subprotocol: Subprotocol, message: IngestMessage): Frame {
  return subprotocol === SUBPROTOCOL_JSON ? JSON.stringify(message) : packPlain(message);
}

/**
 * Decodes what the daemon sent; its content is trusted to follow the protocol.
 * @throws ChirpdError PROTOCOL_BAD_MESSAGE on a frame of the wrong kind or malformed bytes
 */
export function decodeIngestMessage(subprotocol: Subprotocol, frame: Frame): IngestMessage {
  const value = decodeFrame(subprotocol, frame, false);
  if (typeof value !== 'object' || value === null || !('type' in value)) {
    throw new ChirpdError('PROTOCOL_BAD_MESSAGE', 'The message cannot be read: no "type" in it');
  }
  return value as IngestMessage;
}
