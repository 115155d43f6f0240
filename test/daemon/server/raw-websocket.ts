import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { STREAM_PATH } from '../../../daemon/protocol/messages.js';

const OPCODE_TEXT = 1;
const OPCODE_BINARY = 2;
const OPCODE_CLOSE = 8;
const OPCODE_PING = 9;
const OPCODE_PONG = 10;

export interface RawFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/**
 * A WebSocket client as bare as it gets, cheap enough for thousands of connections: the upgrade goes out with the
 * first message, and answers are cut into frames. Servers send unfragmented, unmasked frames here.
 */
export class RawWebSocket {
  readonly #socket: Socket;
  readonly #onFrame: (frame: RawFrame) => void;
  #received: Buffer = Buffer.alloc(0);
  #isUpgraded = false;

  constructor(
    port: number,
    subprotocol: string,
    onFrame: (frame: RawFrame) => void,
    onEnd: () => void,
    path: string = STREAM_PATH,
  ) {
    this.#onFrame = onFrame;
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (data) => {
      this.#received = this.#received.length === 0 ? data : Buffer.concat([this.#received, data]);
      this.#cut();
    });
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', onEnd);
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${String(port)}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n' +
        `Sec-WebSocket-Protocol: ${subprotocol}\r\n\r\n`,
    );
  }

  send(data: Buffer, isBinary: boolean): void {
    this.#socket.write(frame(isBinary ? OPCODE_BINARY : OPCODE_TEXT, data));
  }

  ping(payload: Buffer): void {
    this.#socket.write(frame(OPCODE_PING, payload));
  }

  /** Bytes as they are, which may be no frame at all. */
  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Nothing more is sent; answers may still come. */
  end(): void {
    this.#socket.end();
  }

  /** Answers a close frame, as the closing handshake wants it, and hangs up. */
  answerClose(payload: Buffer): void {
    this.#socket.end(frame(OPCODE_CLOSE, payload.subarray(0, 2)));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #cut(): void {
    if (!this.#isUpgraded) {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (!this.#received.toString('latin1', 0, end).startsWith('HTTP/1.1 101 ')) {
        this.#socket.destroy();
        return;
      }
      this.#isUpgraded = true;
      this.#received = this.#received.subarray(end + 4);
    }
    for (let next = readFrame(this.#received); next !== undefined; next = readFrame(this.#received)) {
      this.#received = this.#received.subarray(next.nBytes);
      this.#onFrame(next);
    }
  }
}

/** A whole message of a client: final, masked with a key of zeros, which leaves the bytes as they are. */
export function frame(opcode: number, payload: Buffer): Buffer {
  const n = payload.length;
  const head = Buffer.alloc(n < 126 ? 6 : n < 65_536 ? 8 : 14);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (n < 126 ? n : n < 65_536 ? 126 : 127);
  if (n >= 65_536) head.writeBigUInt64BE(BigInt(n), 2);
  else if (n >= 126) head.writeUInt16BE(n, 2);
  return Buffer.concat([head, payload]);
}

function readFrame(bytes: Buffer): (RawFrame & { readonly nBytes: number }) | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes.readUInt8(1) & 0x7f;
  const nHead = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < nHead) return undefined;
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < nHead + length) return undefined;
  const opcode = bytes.readUInt8(0) & 0x0f;
  return { opcode, payload: bytes.subarray(nHead, nHead + length), nBytes: nHead + length };
}

export { OPCODE_BINARY, OPCODE_CLOSE, OPCODE_PONG, OPCODE_TEXT };
