import type { Test } from 'tap';
import { WebSocket } from 'ws';
import { decodeServerMessage, encodeClientMessage } from '../../daemon/protocol/codec.js';
import {
  type BedInfo,
  isTimelineMessage,
  type OpenAlarm,
  STREAM_PATH,
  SUBPROTOCOL_MSGPACK,
  type TimelineMessage,
  TIMELINE_TOPICS,
  type WaveformMessage,
} from '../../daemon/protocol/messages.js';

/** A subscriber on one connection, which it keeps: what it hears of beds that come and go. */
export class BedWatcher {
  readonly records: TimelineMessage[] = [];
  /** Names of the beds in each list that was another than the one before. */
  readonly lists: string[] = [];
  beds: readonly BedInfo[] = [];
  alarms: readonly OpenAlarm[] = [];
  /** Every state that each bed was seen in, in order. */
  readonly states = new Map<string, string[]>();
  nDropped = 0;
  isClosed = false;
  readonly #waveforms = new Map<string, WaveformMessage[]>();
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async follow(t: Test, address: string): Promise<BedWatcher> {
    const socket = new WebSocket(new URL(STREAM_PATH, address.replace('http', 'ws')), SUBPROTOCOL_MSGPACK);
    const watcher = new BedWatcher(socket);
    t.teardown(() => {
      socket.terminate();
    });
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (data: Buffer) => {
        if (watcher.#take(data) === 'subscribed') resolve();
      });
    });
    socket.on('close', () => (watcher.isClosed = true));
    return watcher;
  }

  /** Samples of a bed that were heard, in all. */
  nSamples(bed: string): number {
    return (this.#waveforms.get(bed) ?? []).reduce((sum, { nSamples }) => sum + nSamples, 0);
  }

  /** Places at which a bed's stream does not go on where it was, by more than half a sample: seconds that are missing. */
  jumps(bed: string): readonly number[] {
    const heard = this.#waveforms.get(bed) ?? [];
    return heard.slice(1).flatMap(({ timeMicros, sampleRate }, i) => {
      const before = heard[i]!;
      const due = before.timeMicros + (before.nSamples / before.sampleRate) * 1e6;
      const missing = (timeMicros - due) / 1e6;
      return Math.abs(missing) > 0.5 / sampleRate ? [missing] : [];
    });
  }

  #take(data: Buffer): string {
    const message = decodeServerMessage(SUBPROTOCOL_MSGPACK, data);
    if (message.type === 'hello') {
      const topics = [...TIMELINE_TOPICS, 'waveform'] as const;
      this.#socket.send(encodeClientMessage(SUBPROTOCOL_MSGPACK, { type: 'subscribe', topics, since: 0 }));
    }
    if (message.type === 'hello' || message.type === 'heartbeat') {
      this.beds = message.beds;
      this.alarms = message.alarms ?? [];
      const names = message.beds.map(({ bed }) => bed).join(', ');
      if (this.lists.at(-1) !== names) this.lists.push(names);
      for (const { bed, state } of message.beds) {
        const states = this.states.get(bed) ?? [];
        if (states.at(-1) !== state) states.push(state);
        this.states.set(bed, states);
      }
    } else if (message.type === 'waveform') {
      const heard = this.#waveforms.get(message.bed) ?? [];
      heard.push(message);
      this.#waveforms.set(message.bed, heard);
    } else if (message.type === 'dropped') this.nDropped += message.nMessages;
    else if (isTimelineMessage(message)) this.records.push(message);
    return message.type;
  }
}
