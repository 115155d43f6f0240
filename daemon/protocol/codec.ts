import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import { fromBase64, toBase64 } from './base64.js';
import { checkStructure } from './check-structure.js';
import { SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK } from './messages.js';
import type { BedHistory, ClientMessage, ServerMessage, SpectrogramHistory, WaveformHistory } from './messages.js';
import { packPlain, unpackPlain } from './plain-messagepack.js';

export const SUBPROTOCOLS = [SUBPROTOCOL_MSGPACK, SUBPROTOCOL_JSON] as const;
export type Subprotocol = (typeof SUBPROTOCOLS)[number];

export function isSubprotocol(text: string): text is Subprotocol {
  return (SUBPROTOCOLS as readonly string[]).includes(text);
}

/** What goes into one WebSocket message: a binary frame for MessagePack, a text frame for JSON. */
export type Frame = Uint8Array | string;

export function encodeServerMessage(subprotocol: Subprotocol, message: ServerMessage): Frame {
  return subprotocol === SUBPROTOCOL_JSON ? JSON.stringify(jsonForm(message)) : packPlain(message);
}

export function encodeClientMessage(subprotocol: Subprotocol, message: ClientMessage): Frame {
  return subprotocol === SUBPROTOCOL_JSON ? JSON.stringify(message) : packPlain(message);
}

/**
 * Decodes what the daemon sent; its content is trusted to follow the protocol. Binary fields may be views of `frame`.
 * @throws ChirpdError PROTOCOL_BAD_MESSAGE on a frame of the wrong kind or malformed bytes
 */
export function decodeServerMessage(subprotocol: Subprotocol, frame: Frame): ServerMessage {
  const value = decodeFrame(subprotocol, frame, false);
  if (typeof value !== 'object' || value === null || !('type' in value)) throw badMessage('no "type" in it');
  return subprotocol === SUBPROTOCOL_JSON ? fromJsonForm(value) : (value as ServerMessage);
}

/**
 * Decodes what a client sent. Nothing is known about the value: validate it.
 * @throws ChirpdError PROTOCOL_BAD_MESSAGE on a frame of the wrong kind, malformed or hostile bytes
 */
export function decodeClientMessage(subprotocol: Subprotocol, frame: Frame): unknown {
  return decodeFrame(subprotocol, frame, true);
}

/** Documents over HTTP are MessagePack as in the binary subprotocol. */
export function encodeSpectrogramHistory(history: SpectrogramHistory): Uint8Array {
  return packPlain(history);
}

/**
 * Decodes what the daemon sent; its content is trusted to follow the protocol. `decibels` may be a view of `bytes`.
 * @throws ChirpdError PROTOCOL_BAD_MESSAGE on malformed bytes, or another kind of document
 */
export function decodeSpectrogramHistory(bytes: Uint8Array): SpectrogramHistory {
  return decodeDocument('spectrogramHistory', bytes) as SpectrogramHistory;
}

export function encodeWaveformHistory(history: WaveformHistory): Uint8Array {
  return packPlain(history);
}

/**
 * As `decodeSpectrogramHistory`; for `microvolts` of the pieces there is `microvoltsOf`.
 * @throws ChirpdError PROTOCOL_BAD_MESSAGE
 */
export function decodeWaveformHistory(bytes: Uint8Array): WaveformHistory {
  return decodeDocument('waveformHistory', bytes) as WaveformHistory;
}

export function encodeBedHistory(history: BedHistory): Uint8Array {
  return packPlain(history);
}

/** As `decodeSpectrogramHistory`. `floatsOf` makes numbers of coverage and trends. */
export function decodeBedHistory(bytes: Uint8Array): BedHistory {
  return decodeDocument('bedHistory', bytes) as BedHistory;
}

function decodeDocument(type: string, bytes: Uint8Array): object {
  const value = decodeFrame(SUBPROTOCOL_MSGPACK, bytes, false);
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== type) {
    throw badMessage(`no ${type}`);
  }
  return value;
}

/** The samples of a WaveformMessage: (nDerivations, nSamples), C order. */
export function microvoltsOf(bytes: Uint8Array): Float32Array {
  return floatsOf(bytes);
}

/** Little-endian float32 as numbers; a copy, because the bytes need not be aligned. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer);
}

/**
 * The value in a frame, as the subprotocol encodes it.
 * @param foreign whether the sender is trusted to follow the protocol: hostile bytes are refused before decoding
 * @throws ChirpdError PROTOCOL_BAD_MESSAGE on a frame of the wrong kind, malformed or hostile bytes
 */
export function decodeFrame(subprotocol: Subprotocol, frame: Frame, foreign: boolean): unknown {
  if (subprotocol === SUBPROTOCOL_JSON) {
    if (typeof frame !== 'string') throw badMessage('a binary frame, but JSON goes in text frames');
    try {
      // JSON has no NaN: a number that is none is null there, and nothing else the daemon sends is.
      return JSON.parse(
        frame,
        foreign ? undefined : (_key, value: unknown) => (value === null ? NaN : value),
      ) as unknown;
    } catch (error) {
      throw badMessage(errorText(error), error);
    }
  }
  if (typeof frame === 'string') throw badMessage('a text frame, but MessagePack goes in binary frames');
  if (foreign) checkStructure(frame);
  try {
    return unpackPlain(frame);
  } catch (error) {
    throw badMessage(errorText(error), error);
  }
}

function badMessage(reason: string, cause?: unknown): ChirpdError {
  return new ChirpdError('PROTOCOL_BAD_MESSAGE', `The message cannot be read: ${reason}`, { cause });
}

/** JSON has no bytes: binary fields travel as base64 text. */
function jsonForm(message: ServerMessage): object {
  switch (message.type) {
    case 'spectrogram':
      return { ...message, decibels: toBase64(message.decibels) };
    case 'waveform':
    case 'channels':
      return { ...message, microvolts: toBase64(message.microvolts) };
    default:
      return message;
  }
}

function fromJsonForm(value: object): ServerMessage {
  try {
    if ('decibels' in value) return { ...value, decibels: fromBase64(String(value.decibels)) } as ServerMessage;
    if ('microvolts' in value) return { ...value, microvolts: fromBase64(String(value.microvolts)) } as ServerMessage;
  } catch (error) {
    throw badMessage('a binary field is not base64', error);
  }
  return value as ServerMessage;
}
