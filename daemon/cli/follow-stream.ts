import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { ChirpdError, errorText } from '../../pipelines/core/errors.js';
import { decodeServerMessage, encodeClientMessage } from '../protocol/codec.js';
import {
  CLOSE,
  SUBPROTOCOL_MSGPACK,
  TIMELINE_TOPICS,
  type HelloMessage,
  type ServerMessage,
  type SubscribeMessage,
  type TimelineMessage,
} from '../protocol/messages.js';

export interface FollowOptions {
  readonly url: URL;
  /** Left out: all beds. */
  readonly beds?: readonly string[];
  /** Cursor after which to begin; left out: with what happens from now on. */
  readonly since?: number;
  readonly stop: AbortSignal;
  /** Longest pause between two attempts to connect; the first is 250 ms. Default 10 s. */
  readonly maxPauseMs?: number;
  readonly onMessage: (message: TimelineMessage) => void;
  /** What becomes of the connection, for people. */
  readonly onState: (text: string) => void;
}

const FIRST_PAUSE_MS = 250;
/** Silence in which the hello must come. */
const HELLO_TIMEOUT_MS = 10_000;

/**
 * Follows a daemon's timeline: connects again whenever the connection ends, and goes on after the last cursor it had, so
 * that nothing is missing and nothing comes twice. Settles when stopped.
 * @throws ChirpdError SERVER_NOT_CHIRPD (something else answers), PROTOCOL_REFUSED (the daemon refuses what is asked)
 */
export async function followStream(options: FollowOptions): Promise<void> {
  const { stop, maxPauseMs = 10_000, onState } = options;
  const place: Place = { cursor: options.since };
  let pauseMs = FIRST_PAUSE_MS;
  while (!stop.aborted) {
    const { connected, text } = await connectOnce(options, place);
    if (stop.aborted) return;
    if (connected) pauseMs = FIRST_PAUSE_MS;
    onState(`${text}; trying again in ${(pauseMs / 1000).toFixed(1)} s`);
    await sleep(pauseMs, undefined, { signal: stop }).catch(() => undefined);
    pauseMs = Math.min(pauseMs * 2, maxPauseMs);
  }
}

/** Where a follower is in the timeline; undefined until a first hello has told. */
interface Place {
  cursor: number | undefined;
}

interface Ending {
  readonly connected: boolean;
  readonly text: string;
}

/** One connection, from its beginning to its end. */
function connectOnce(options: FollowOptions, place: Place): Promise<Ending> {
  const { url, beds, stop, onMessage, onState } = options;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, SUBPROTOCOL_MSGPACK, { perMessageDeflate: false });
    socket.binaryType = 'nodebuffer';
    let connected = false;
    let failure = '';
    let failureCode = '';
    let fatal: ChirpdError | undefined;
    let silenceMs = HELLO_TIMEOUT_MS;
    const silence = setTimeout(() => {
      failure = 'the daemon has fallen silent';
      socket.terminate();
    }, silenceMs);
    const onStop = (): void => {
      socket.terminate();
    };
    stop.addEventListener('abort', onStop, { once: true });

    const onHello = (hello: HelloMessage): void => {
      connected = true;
      silenceMs = hello.heartbeatSeconds * 2000;
      if (place.cursor !== undefined && place.cursor > hello.cursor) {
        onState(`the daemon has another timeline than before (it ends at cursor ${String(hello.cursor)})`);
        place.cursor = undefined;
      }
      place.cursor ??= hello.cursor;
      const subscribe: SubscribeMessage = {
        type: 'subscribe',
        topics: TIMELINE_TOPICS,
        since: place.cursor,
        ...(beds === undefined ? {} : { beds }),
      };
      socket.send(encodeClientMessage(SUBPROTOCOL_MSGPACK, subscribe));
      const names = hello.beds.map(({ bed }) => bed);
      const unknown = beds?.filter((bed) => !names.includes(bed)) ?? [];
      onState(
        `connected to chirpd ${hello.version}${hello.demonstration ? ' (demonstration)' : ''}, beds: ${names.join(', ')}` +
          (unknown.length === 0 ? '' : `; there is no bed ${unknown.join(', ')}`),
      );
    };
    const onServerMessage = (message: ServerMessage): void => {
      switch (message.type) {
        case 'hello':
          onHello(message);
          return;
        case 'event':
        case 'gap':
        case 'stream':
        case 'alarm':
        case 'acknowledgement':
        case 'config':
          if (message.cursor <= (place.cursor ?? 0)) return;
          onMessage(message);
          place.cursor = message.cursor;
          return;
        case 'error':
          failure = message.message;
          failureCode = message.code;
          return;
        case 'subscribed':
        case 'heartbeat':
        case 'spectrogram':
        case 'waveform':
        case 'trends':
        case 'quality':
        case 'dropped':
          return;
      }
    };

    socket.on('message', (data: Buffer) => {
      silence.refresh();
      try {
        onServerMessage(decodeServerMessage(SUBPROTOCOL_MSGPACK, data));
      } catch (error) {
        fatal = new ChirpdError('SERVER_NOT_CHIRPD', `${url.href} sends what cannot be read: ${errorText(error)}`);
        socket.terminate();
      }
    });
    socket.on('unexpected-response', (request, { statusCode = 0 }) => {
      failure = `${url.href} answers with HTTP status ${String(statusCode)}`;
      if (statusCode < 500) fatal = new ChirpdError('SERVER_NOT_CHIRPD', `${failure}: is it a chirpd?`);
      request.destroy();
    });
    socket.on('error', (error) => {
      if (failure === '') failure = `cannot connect to ${url.href}: ${errorText(error)}`;
    });
    socket.on('close', (code, reason) => {
      clearTimeout(silence);
      stop.removeEventListener('abort', onStop);
      if (code === CLOSE.badMessage || code === CLOSE.noSubprotocol) {
        fatal ??= new ChirpdError('PROTOCOL_REFUSED', `the daemon refuses: ${failure || reason.toString()}`);
      }
      // The place this follower asked for is no longer there: go on with all that is kept, or, in another timeline, from now.
      if (code === CLOSE.cursorTooOld) place.cursor = failureCode === 'PROTOCOL_CURSOR_TOO_OLD' ? 0 : undefined;
      if (fatal !== undefined) reject(fatal);
      else resolve({ connected, text: failure || `connection closed (${closeText(code, reason)})` });
    });
  });
}

function closeText(code: number, reason: Buffer): string {
  return reason.length === 0 ? String(code) : `${String(code)}: ${reason.toString()}`;
}
