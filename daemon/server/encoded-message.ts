import { encodeServerMessage } from '../protocol/codec.js';
import type { Subprotocol } from '../protocol/codec.js';
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
      const encoded = encodeServerMessage(subprotocol, this.message);
      frame =
        typeof encoded === 'string'
          ? Buffer.from(encoded)
          : Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
      this.#frames.set(subprotocol, frame);
    }
    return frame;
  }
}
