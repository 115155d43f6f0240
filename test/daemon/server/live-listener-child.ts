import { WebSocket } from 'ws';
import { decodeServerMessage, encodeClientMessage } from '../../../daemon/protocol/codec.js';
import { STREAM_PATH, SUBPROTOCOL_MSGPACK } from '../../../daemon/protocol/messages.js';

/** A client in a process of its own that prints the delay of each live event in milliseconds. Argument: port. */
const socket = new WebSocket(`ws://127.0.0.1:${process.argv[2] ?? ''}${STREAM_PATH}`, SUBPROTOCOL_MSGPACK);
socket.on('open', () => {
  socket.send(encodeClientMessage(SUBPROTOCOL_MSGPACK, { type: 'subscribe', topics: ['events'] }));
});
socket.on('message', (frame: Buffer) => {
  const atMs = performance.timeOrigin + performance.now();
  const message = decodeServerMessage(SUBPROTOCOL_MSGPACK, frame);
  if (message.type === 'event') process.stdout.write(`${String(atMs - message.toldTimeMicros / 1000)}\n`);
});
