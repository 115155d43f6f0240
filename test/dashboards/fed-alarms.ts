import type { Page } from 'playwright-core';
import { decodeServerMessage, encodeServerMessage } from '../../daemon/protocol/codec.js';
import { SUBPROTOCOL_MSGPACK, type OpenAlarm } from '../../daemon/protocol/messages.js';

/**
 * Alarms that the daemon tells beside its own, in each hello and heartbeat: of kinds that it does not raise by itself here.
 * Call before the page is opened.
 */
export async function feedAlarms(page: Page, alarms: () => readonly OpenAlarm[]): Promise<void> {
  await page.routeWebSocket(/\/v1\/stream$/, (socket) => {
    const daemon = socket.connectToServer();
    daemon.onMessage((frame) => {
      if (typeof frame === 'string') return;
      const message = decodeServerMessage(SUBPROTOCOL_MSGPACK, frame);
      if (message.type !== 'hello' && message.type !== 'heartbeat') {
        socket.send(frame);
        return;
      }
      const fed = { ...message, alarms: [...(message.alarms ?? []), ...alarms()] };
      socket.send(Buffer.from(encodeServerMessage(SUBPROTOCOL_MSGPACK, fed) as Uint8Array));
    });
  });
}
