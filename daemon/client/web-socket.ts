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
}

export type WebSocketClass = new (url: string, subprotocol: string) => WebSocketLike;

export const OPEN = 1;

/** The WebSocket of this browser or Node; undefined before Node 22. */
export function globalWebSocket(): WebSocketClass | undefined {
  const found: unknown = Reflect.get(globalThis, 'WebSocket');
  return found as WebSocketClass | undefined;
}
