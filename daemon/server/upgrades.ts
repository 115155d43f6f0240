import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Access, Identity } from '../access/access.js';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import { INGEST_PATH, STREAM_PATH } from '../protocol/messages.js';
import type { Role } from '../protocol/roles.js';
import type { HostPolicy } from './host-policy.js';
import { rawAnswer } from './raw-answer.js';

/** Why a connection that was let in must not go on: its token was removed, or its session has ended. */
export const ACCESS_ENDED = 'the token was removed, or the session has ended';

/** What a client that is let in is watched by. @param end called once where its right is gone. @returns how to tell that it is closed */
export type Watch = (end: () => void) => () => void;
type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer, watch: Watch) => void;

/** What each WebSocket asks for, and so every message that a client sends over it. */
export const WEBSOCKET_ROLES = { [STREAM_PATH]: 'view', [INGEST_PATH]: 'push' } as const satisfies Record<string, Role>;

/** For the HTTP server's `upgrade` event: brings each WebSocket to its path, and pages of other sites, and who has no right, to none. */
export function upgradeRouter(
  paths: ReadonlyMap<string, { readonly role: Role; readonly handler: UpgradeHandler }>,
  hostPolicy: HostPolicy,
  access?: Access,
): UpgradeListener {
  return (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const { host, origin } = request.headers;
    const path = paths.get(request.url?.split('?')[0] ?? '');
    if (path === undefined) {
      const text = `WebSocket connections are taken at ${Array.from(paths.keys()).join(' and ')} only`;
      refuseUpgrade(socket, 404, 'PROTOCOL_NOT_FOUND', text);
    } else if (!hostPolicy.allowsOrigin(origin, host)) {
      refuseUpgrade(socket, 403, 'PROTOCOL_FOREIGN_ORIGIN', 'Pages of other sites may not connect');
    } else {
      let identity: Identity | undefined;
      try {
        const { headers } = request;
        const address = request.socket.remoteAddress;
        // A browser says from which page a WebSocket comes: that is looked at above.
        const asking = { headers, mayUseCookie: origin !== undefined, address };
        identity = access?.identify(asking);
        access?.check(path.role, identity, asking);
      } catch (error) {
        refuseWithError(socket, error);
        return;
      }
      path.handler(request, socket, head, (end) => access?.watch(identity, end) ?? ((): void => undefined));
    }
  };
}

function refuseWithError(socket: Duplex, error: unknown): void {
  const code = error instanceof ChirpdError ? error.code : 'PROTOCOL_INTERNAL';
  const status = code === 'ACCESS_ROLE' ? 403 : code.startsWith('ACCESS_') ? 401 : 500;
  refuseUpgrade(socket, status, code, errorText(error));
}

/** Answers an upgrade that is not taken. */
export function refuseUpgrade(socket: Duplex, status: number, code: string, message: string): void {
  socket.end(rawAnswer(status, { error: { code, message } }));
}
