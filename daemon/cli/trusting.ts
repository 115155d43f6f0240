import { WebSocket } from 'ws';
import type { WebSocketClass } from '../client/node.js';

/** A WebSocket that trusts these authorities, and no others. @param ca PEM */
export function trusting(ca: string): WebSocketClass {
  return class extends WebSocket {
    constructor(url: string, subprotocols: string | string[]) {
      super(url, subprotocols, { ca });
    }
  };
}
