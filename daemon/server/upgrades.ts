import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HostPolicy } from './host-policy.js';
import { rawAnswer } from './raw-answer.js';

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** For the HTTP server's `upgrade` event: brings each WebSocket to its path, and pages of other sites to none. */
export function upgradeRouter(paths: ReadonlyMap<string, UpgradeHandler>, hostPolicy: HostPolicy): UpgradeHandler {
  return (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const { host, origin } = request.headers;
    const handler = paths.get(request.url?.split('?')[0] ?? '');
    if (handler === undefined) {
      const text = `WebSocket connections are taken at ${Array.from(paths.keys()).join(' and ')} only`;
      refuseUpgrade(socket, 404, 'PROTOCOL_NOT_FOUND', text);
    } else if (!hostPolicy.allowsOrigin(origin, host)) {
      refuseUpgrade(socket, 403, 'PROTOCOL_FOREIGN_ORIGIN', 'Pages of other sites may not connect');
    } else handler(request, socket, head);
  };
}

/** Answers an upgrade that is not taken. */
export function refuseUpgrade(socket: Duplex, status: number, code: string, message: string): void {
  socket.end(rawAnswer(status, { error: { code, message } }));
}
