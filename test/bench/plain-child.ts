import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { encodeServerMessage } from '../../daemon/protocol/codec.js';
import { SUBPROTOCOL_MSGPACK } from '../../daemon/protocol/messages.js';
import { eventDraft } from '../daemon/timeline/drafts.js';

/*
 * The least that could send as many events: `ws` alone, frames encoded and in memory before anybody comes, nothing read from
 * a disk, nobody else served. Argument: how many. Prints its port.
 */
const frames = Array.from({ length: Number(process.argv[2]) }, (_, i) => {
  const message = { ...eventDraft(i).content, cursor: i + 1, toldTimeMicros: 0, delayMs: 0 };
  return encodeServerMessage(SUBPROTOCOL_MSGPACK, message);
});
const MAX_BUFFERED = 1 << 20;

async function sendAll(socket: WebSocket): Promise<void> {
  for (const frame of frames) {
    if (socket.bufferedAmount > MAX_BUFFERED) await new Promise<void>((resolve) => setImmediate(resolve));
    socket.send(frame);
  }
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.once('message', () => void sendAll(socket));
});
await once(server, 'listening');
process.stdout.write(`${String((server.address() as AddressInfo).port)}\n`);
