import { WebSocket } from 'ws';
import { Pusher as AnyPusher } from './pusher.js';
import type { PushOptions } from './push-options.js';
import { Subscriber as AnySubscriber } from './subscriber.js';
import type { SubscriberOptions } from './subscriber-options.js';

/** chirpd/client in Node: as in the browser, with the WebSocket of `ws` where no other is given (Node 20 has none). */
export * from './index.js';

export class Pusher extends AnyPusher {
  constructor(options: PushOptions) {
    super({ webSocket: WebSocket, ...options });
  }
}

export class Subscriber extends AnySubscriber {
  constructor(options: SubscriberOptions) {
    super({ webSocket: WebSocket, ...options });
  }
}
