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
