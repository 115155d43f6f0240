/**
 * chirpd/client: hears what a daemon tells, and sends EEG to it, from a browser or from Node.
 *
 *     const subscriber = new Subscriber({ url: 'http://127.0.0.1:4180', since: lastCursor });
 *     for await (const message of subscriber) if (message.type === 'event') console.log(message.bed, message.phase, message.cursor);
 *
 *     const pusher = new Pusher({ url: 'http://127.0.0.1:4180', bed: 'Bed 3', channels: ['F7', 'T7'], sampleRate: 256, source: 'gateway' });
 *     pusher.send([samplesOfF7, samplesOfT7]);
 *     await pusher.close();
 */
export { ChirpdError, isChirpdError } from '../../pipelines/core/errors.js';
export type { DeviceIdentity } from '../../pipelines/core/signal.js';
export type { PushChannel, PushUnits } from '../protocol/ingest-messages.js';
export type { PusherState, PushOptions } from './push-options.js';
export { Pusher } from './pusher.js';
export type { PusherFigures } from './pusher.js';
export { Subscriber } from './subscriber.js';
export { TimelineLostError } from './subscriber-options.js';
export type { SubscriberFigures, SubscriberOptions, SubscriberState } from './subscriber-options.js';
export type { InteropObservable, Observer, Unsubscribable } from './interop-observable.js';
export type * from '../protocol/messages.js';
export { isTimelineMessage } from '../protocol/messages.js';
export { microvoltsOf } from '../protocol/codec.js';
export type { WebSocketClass, WebSocketLike } from './web-socket.js';
