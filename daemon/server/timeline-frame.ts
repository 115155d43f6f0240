import { isChirpdError } from '../../pipelines/core/errors.js';
import { checkStructure } from '../protocol/check-structure.js';
import type { Subprotocol } from '../protocol/codec.js';
import { replayOf, SUBPROTOCOL_MSGPACK, TOPIC_OF } from '../protocol/messages.js';
import type { TimelineMessage } from '../protocol/messages.js';
import { decodeRecord } from '../timeline/store-codec.js';
import type { RecordBytes } from '../timeline/store.js';
import { EncodedMessage } from './encoded-message.js';

/** A timeline message on its way to clients. */
export interface TimelineFrame {
  readonly cursor: number;
  readonly type: TimelineMessage['type'];
  /** @throws ChirpdError TIMELINE_CORRUPT */
  readonly message: TimelineMessage;
  /** Whether it is a replay's. @throws ChirpdError TIMELINE_CORRUPT */
  readonly isReplay: boolean;
  /** The bytes of the WebSocket message, UTF-8 text for JSON. @throws ChirpdError TIMELINE_CORRUPT */
  frame(subprotocol: Subprotocol): Buffer;
}

/** What was told a moment ago: encoded once for all clients. */
export class ToldFrame extends EncodedMessage<TimelineMessage> implements TimelineFrame {
  get cursor(): number {
    return this.message.cursor;
  }

  get type(): TimelineMessage['type'] {
    return this.message.type;
  }

  get isReplay(): boolean {
    return replayOf(this.message) !== undefined;
  }
}

/** A record from disk. Its bytes are what goes over the wire, so it is decoded only for those who look into it. */
export class StoredFrame implements TimelineFrame {
  readonly cursor: number;
  readonly #directory: string;
  readonly #bytes: Buffer;
  #decoded: EncodedMessage<TimelineMessage> | undefined;

  constructor(directory: string, { cursor, bytes }: RecordBytes) {
    this.#directory = directory;
    this.cursor = cursor;
    this.#bytes = bytes;
  }

  get type(): TimelineMessage['type'] {
    return typeOf(this.#bytes) ?? this.message.type;
  }

  get message(): TimelineMessage {
    return this.#encoded().message;
  }

  get isReplay(): boolean {
    return this.#bytes.includes(REPLAY_KEY) && replayOf(this.message) !== undefined;
  }

  frame(subprotocol: Subprotocol): Buffer {
    return subprotocol === SUBPROTOCOL_MSGPACK && isWhole(this.#bytes)
      ? this.#bytes
      : this.#encoded().frame(subprotocol);
  }

  #encoded(): EncodedMessage<TimelineMessage> {
    return (this.#decoded ??= new EncodedMessage(decodeRecord(this.#directory, this.cursor, this.#bytes)));
  }
}

const REPLAY_KEY = Buffer.from('\xa6replay', 'latin1');
const TYPE_KEY = Buffer.from('\xa4type', 'latin1');
const SHORT_TEXT = 0xa0;

/** The value of `type` where that is the first key, as it is in what the timeline writes; else undefined. */
function typeOf(bytes: Buffer): TimelineMessage['type'] | undefined {
  const key = bytes[0] === 0xde ? 3 : 1;
  const value = key + TYPE_KEY.length;
  if (bytes.compare(TYPE_KEY, 0, TYPE_KEY.length, key, value) !== 0) return undefined;
  const text = bytes.toString('latin1', value + 1, value + 1 + (bytes[value] ?? 0) - SHORT_TEXT);
  return text in TOPIC_OF ? (text as TimelineMessage['type']) : undefined;
}

/** Whether bytes are one plain MessagePack value: what a disk has damaged must not be told. */
function isWhole(bytes: Buffer): boolean {
  try {
    checkStructure(bytes);
    return true;
  } catch (error) {
    if (isChirpdError(error)) return false;
    throw error;
  }
}
