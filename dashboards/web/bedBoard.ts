import type { BedInfo, HelloMessage, ServerMessage, TimelineMessage } from '../../daemon/protocol/messages.js';
import { BedModel } from './bedModel.js';
import { EventStore } from './eventStore.js';

export interface BedBoardOptions {
  /** Asks for what the timeline has of a bed. */
  readonly loadHistory: (bed: string) => Promise<readonly TimelineMessage[]>;
  /** Which beds there are, or their order, has changed. */
  readonly onBedsChanged: () => void;
}

/** What the board knows of all beds: takes in the daemon's messages and keeps each bed's model up to date. */
export class BedBoard {
  /** In the daemon's order. */
  readonly beds = new Map<string, BedModel>();
  readonly #events = new EventStore();
  readonly #options: BedBoardOptions;
  /** The daemon's clock minus `performance.now()`, milliseconds. */
  #serverOffsetMs: number | undefined;

  constructor(options: BedBoardOptions) {
    this.#options = options;
  }

  /** The daemon's clock, Unix milliseconds; undefined before the first hello. */
  serverTimeMs(nowMs: number): number | undefined {
    return this.#serverOffsetMs === undefined ? undefined : nowMs + this.#serverOffsetMs;
  }

  take(message: ServerMessage, nowMs: number): void {
    switch (message.type) {
      case 'hello':
        this.#greet(message, nowMs);
        return;
      case 'heartbeat':
        this.#serverOffsetMs = message.serverTimeMicros / 1000 - nowMs;
        this.#update(message.beds, nowMs);
        return;
      case 'spectrogram':
        this.beds.get(message.bed)?.addColumn(message, nowMs);
        return;
      case 'waveform':
      case 'trends':
        this.beds.get(message.bed)?.touch(nowMs);
        return;
      case 'event':
      case 'gap':
      case 'stream':
        this.#remember(message);
        return;
      case 'subscribed':
      case 'dropped':
      case 'error':
        return;
    }
  }

  /** Brings each bed's events up to what is known at its clock. */
  refresh(): void {
    for (const bed of this.beds.values()) bed.events = this.#events.known(bed.name, bed.clockMicros);
  }

  forgetEvents(): void {
    this.#events.clear();
  }

  #greet(hello: HelloMessage, nowMs: number): void {
    this.#serverOffsetMs = hello.serverTimeMicros / 1000 - nowMs;
    this.#update(hello.beds, nowMs);
    for (const { bed } of hello.beds) this.#load(bed);
  }

  #update(infos: readonly BedInfo[], nowMs: number): void {
    const before = [...this.beds.keys()].join('\n');
    const known = new Map(this.beds);
    this.beds.clear();
    for (const info of infos) {
      const bed = known.get(info.bed) ?? new BedModel(info, nowMs);
      this.beds.set(info.bed, bed);
      // A stream that begins anew forgets its marks; the timeline still has them.
      if (bed.update(info, nowMs)) this.#load(info.bed);
    }
    if ([...this.beds.keys()].join('\n') !== before) this.#options.onBedsChanged();
  }

  #load(bed: string): void {
    this.#options.loadHistory(bed).then(
      (messages) => {
        for (const message of messages) this.#remember(message);
      },
      (error: unknown) => {
        console.warn(`The events of ${bed} before now could not be loaded:`, error);
      },
    );
  }

  #remember(message: TimelineMessage): void {
    switch (message.type) {
      case 'event':
        this.#events.add(message);
        return;
      case 'gap':
        this.beds.get(message.bed)?.addGap(message);
        return;
      case 'stream':
        if (message.what === 'annotation') this.beds.get(message.bed)?.addAnnotation(message);
        return;
    }
  }
}
