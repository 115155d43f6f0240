import { encodeServerMessage } from '../protocol/codec.js';
import type { Frame, Subprotocol } from '../protocol/codec.js';
import type { ServerMessage } from '../protocol/messages.js';

/** A message on its way to many clients: encoded once per subprotocol, when the first client of it is served. */
export class EncodedMessage<Message extends ServerMessage = ServerMessage> {
  readonly message: Message;
  readonly #frames = new Map<Subprotocol, Buffer>();

  constructor(message: Message) {
    this.message = message;
  }

  /** The bytes of the WebSocket message, UTF-8 text for JSON. */
  frame(subprotocol: Subprotocol): Buffer {
    let frame = this.#frames.get(subprotocol);
    if (frame === undefined) {
      frame = ownBytes(encodeServerMessage(subprotocol, this.message));
      this.#frames.set(subprotocol, frame);
    }
    return frame;
  }
}

/**
 * A copy with memory of its own: an encoder writes many messages into one large piece of memory, and one small message that
 * is kept would keep all of it.
 */
function ownBytes(encoded: Frame): Buffer {
  const own = Buffer.allocUnsafeSlow(Buffer.byteLength(encoded));
  if (typeof encoded === 'string') own.write(encoded);
  else own.set(encoded);
  return own;
}
