import t from 'tap';
import { encodeSpectrogramHistory } from '../../../daemon/protocol/codec.js';
import { EncodedMessage } from '../../../daemon/server/encoded-message.js';
import { BOTH_SUBPROTOCOLS } from './harness.js';

t.test('a frame that is kept keeps its own bytes alone', (t) => {
  // What makes an encoder take a large piece of memory.
  const decibels = new Uint8Array(500_000);
  encodeSpectrogramHistory({ type: 'spectrogramHistory', columns: [], decibels } as unknown as Parameters<
    typeof encodeSpectrogramHistory
  >[0]);
  for (const subprotocol of BOTH_SUBPROTOCOLS) {
    for (let i = 0; i < 100; i++) {
      const message = new EncodedMessage({
        type: 'heartbeat',
        cursor: i,
        timeMicros: i,
      } as unknown as ConstructorParameters<typeof EncodedMessage>[0]);
      const frame = message.frame(subprotocol);
      if (frame.buffer.byteLength !== frame.length) t.equal(frame.buffer.byteLength, frame.length, subprotocol);
      t.equal(message.frame(subprotocol), frame, 'encoded once');
    }
  }
  t.end();
});
