import { ChirpdError } from '../../pipelines/core/errors.js';
import { BEARER_SUBPROTOCOL } from '../protocol/messages.js';

/** What the client needs of a WebSocket: the browser's, Node 22's own, or the one of `ws`. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: Uint8Array<ArrayBuffer> | string): void;
  close(code?: number, reason?: string): void;
  /** Those of `ws`: take nothing more for now; hang up at once. */
  pause?(): void;
  resume?(): void;
  terminate?(): void;
}

export type WebSocketClass = new (url: string, subprotocol: string) => WebSocketLike;

export const OPEN = 1;

/**
 * Opens a WebSocket. A browser's can send no header, so a token goes along as another subprotocol.
 * @param token left out: none
 */
export function openWebSocket(
  webSocket: WebSocketClass,
  url: string,
  subprotocol: string,
  token: string | undefined,
): WebSocketLike {
  if (token === undefined) return new webSocket(url, subprotocol);
  const takesList = webSocket as unknown as new (url: string, subprotocols: string[]) => WebSocketLike;
  return new takesList(url, [subprotocol, BEARER_SUBPROTOCOL + token]);
}

/**
 * The error of a daemon that asks for another token, by what `ws` says of a refused upgrade; undefined for any other
 * refusal. A browser does not say.
 */
export function tokenRefusal(trouble: string, url: string): ChirpdError | undefined {
  switch (/server response: (\d{3})/.exec(trouble)?.[1]) {
    case '401':
      return new ChirpdError('ACCESS_WRONG_TOKEN', `${url} asks for a token, and takes none or not this one`);
    case '403':
      return new ChirpdError('ACCESS_ROLE', `${url} does not let this token do that: its role is not enough`);
    default:
      return undefined;
  }
}

/**
 * The WebSocket's address at a daemon.
 * @param daemon address of the daemon, its board or the WebSocket itself; a path before it, as behind a proxy, is kept
 * @param path of the WebSocket, as `/v1/stream`
 */
export function webSocketUrl(daemon: string, path: string): string {
  const url = new URL(daemon);
  url.protocol = url.protocol.replace('http', 'ws');
  if (!url.pathname.endsWith(path)) url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`;
  return url.href;
}

/** The WebSocket of this browser or Node; undefined before Node 22. */
export function globalWebSocket(): WebSocketClass | undefined {
  const found: unknown = Reflect.get(globalThis, 'WebSocket');
  return found as WebSocketClass | undefined;
}
