import { WebSocket } from 'ws';
import { decodeServerMessage, decodeWaveformHistory, encodeClientMessage } from '../../daemon/protocol/codec.js';
import {
  STREAM_PATH,
  SUBPROTOCOL_MSGPACK,
  type WaveformHistory,
  type WaveformMessage,
} from '../../daemon/protocol/messages.js';

/** Hears topic `waveform` of all beds. */
export class WaveformListener {
  readonly heard: WaveformMessage[] = [];
  nDropped = 0;
  #socket: WebSocket | undefined;

  /** Resolves when the subscription counts. */
  async follow(address: string): Promise<void> {
    const socket = new WebSocket(new URL(STREAM_PATH, address.replace('http', 'ws')), SUBPROTOCOL_MSGPACK);
    this.#socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data: Buffer) => {
        const message = decodeServerMessage(SUBPROTOCOL_MSGPACK, data);
        if (message.type === 'hello') {
          socket.send(encodeClientMessage(SUBPROTOCOL_MSGPACK, { type: 'subscribe', topics: ['waveform'] }));
        } else if (message.type === 'subscribed') resolve();
        else if (message.type === 'waveform') this.heard.push(message);
        else if (message.type === 'dropped') this.nDropped += message.nMessages;
      });
    });
    socket.on('error', () => undefined);
  }

  close(): void {
    this.#socket?.terminate();
  }

  /** End of the newest piece that was heard of a bed; 0 before the first. */
  newestMicros(bed: string): number {
    const newest = this.heard.findLast((message) => message.bed === bed);
    return newest === undefined ? 0 : newest.timeMicros + Math.round((newest.nSamples / newest.sampleRate) * 1e6);
  }
}

export function waveformPath(bed: string, fromMicros: number, seconds: number): string {
  return `/v1/beds/${encodeURIComponent(bed)}/waveform?from=${String(fromMicros)}&seconds=${String(seconds)}`;
}

export async function askWaveform(
  address: string,
  bed: string,
  fromMicros: number,
  seconds: number,
): Promise<WaveformHistory> {
  const answer = await fetch(new URL(waveformPath(bed, fromMicros, seconds), address));
  if (answer.status !== 200) throw new Error(await answer.text());
  return decodeWaveformHistory(new Uint8Array(await answer.arrayBuffer()));
}
