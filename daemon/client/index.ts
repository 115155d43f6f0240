/**
 * chirpd/client: sends EEG to a daemon, from a browser or from Node.
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
export type { WebSocketClass, WebSocketLike } from './web-socket.js';
