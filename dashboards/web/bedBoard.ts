import type { BedInfo, HelloMessage, ServerMessage, TimelineMessage } from '../../daemon/protocol/messages.js';
import { BedModel } from './bedModel.js';
import { ColumnHistory, type ReadSpectrogram } from './columnHistory.js';
import { EventStore } from './eventStore.js';
import { History, type ReadTimeline } from './history.js';

/** An event that was told so recently comes from the stream as it runs now. */
const LIVE_WITHIN_MS = 5000;
const ASK_AGAIN_MS = 1000;

export interface BedBoardOptions {
  readonly readTimeline: ReadTimeline;
  readonly readSpectrogram: ReadSpectrogram;
  /** Asks what beds there are, beside the lists that come with heartbeats. */
  readonly readBeds: () => Promise<readonly BedInfo[]>;
  /** Which beds there are, or their order, has changed. */
  readonly onBedsChanged: () => void;
  /** Whatever is heard or read of the timeline, for those who keep more of it. */
  readonly onTimeline?: (message: TimelineMessage) => void;
}

/** What the board knows of all beds: takes in the daemon's messages and keeps each bed's model up to date. */
export class BedBoard {
  /** In the daemon's order. */
  readonly beds = new Map<string, BedModel>();
  readonly #events = new EventStore();
  readonly #history: History;
  readonly #columns: ColumnHistory;
  readonly #options: BedBoardOptions;
  #askedForBedsMs = Number.NEGATIVE_INFINITY;
  /** The daemon's clock minus `performance.now()`, milliseconds. */
  #serverOffsetMs: number | undefined;

  constructor(options: BedBoardOptions) {
    this.#options = options;
    this.#columns = new ColumnHistory(options.readSpectrogram);
    this.#history = new History(options.readTimeline, (messages) => {
      for (const message of messages) this.#remember(message);
    });
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
      case 'channels':
      case 'trends':
      case 'quality':
        this.beds.get(message.bed)?.touch(nowMs);
        return;
      case 'event':
      case 'gap':
      case 'stream':
        this.#hear(message, nowMs);
        return;
      case 'subscribed':
        this.#columns.begin();
        return;
      // Of no bed's picture: the alarm bar and the status bar have them.
      case 'alarm':
        this.#options.onTimeline?.(message);
        return;
      case 'acknowledgement':
      case 'alarmRules':
      case 'label':
      case 'config':
      case 'dropped':
      case 'error':
        return;
    }
  }

  /** Brings each bed's events up to what is known at its clock. */
  refresh(nowMs: number): void {
    const serverTimeMs = this.serverTimeMs(nowMs);
    if (serverTimeMs === undefined) return;
    const beds = [...this.beds.values()];
    // A daemon that starts says hello before its beds have begun, and its next heartbeat is seconds away.
    if (beds.length === 0 || beds.some((bed) => bed.isExpected)) this.#askForBeds(nowMs);
    for (const bed of beds) {
      this.#history.refresh(bed, nowMs, serverTimeMs * 1000);
      this.#columns.refresh(bed, nowMs);
      const known = this.#events.known(bed.name, bed.clockMicros);
      // The same list stays: who draws it sees by that whether anything has changed.
      if (known.length !== bed.events.length || known.some((event, i) => event !== bed.events[i])) bed.events = known;
    }
  }

  /** The daemon's timeline is another one now. */
  forgetTimeline(): void {
    this.#events.clear();
    this.#history.forget();
    for (const bed of this.beds.values()) bed.forgetMarks();
  }

  #greet(hello: HelloMessage, nowMs: number): void {
    this.#serverOffsetMs = hello.serverTimeMicros / 1000 - nowMs;
    this.#columns.hold();
    this.#update(hello.beds, nowMs);
  }

  #update(infos: readonly BedInfo[], nowMs: number): void {
    const before = [...this.beds.keys()].join('\n');
    const known = new Map(this.beds);
    this.beds.clear();
    for (const info of infos) {
      const bed = known.get(info.bed);
      this.beds.set(info.bed, bed ?? new BedModel(info, nowMs));
      // What was known already says nothing new of a bed: not that it is alive, nor that it began anew.
      if (bed?.info === info) continue;
      // A stream that begins anew forgets its marks; the timeline still has them.
      if (bed?.update(info, nowMs) === false) continue;
      this.#history.forget(info.bed);
      this.#columns.forget(info.bed);
    }
    if ([...this.beds.keys()].join('\n') !== before) this.#options.onBedsChanged();
  }

  #askForBeds(nowMs: number): void {
    if (nowMs - this.#askedForBedsMs < ASK_AGAIN_MS) return;
    this.#askedForBedsMs = nowMs;
    this.#options.readBeds().then(
      (infos) => {
        const isNew = infos.some(({ bed }) => this.beds.get(bed)?.isDescribed !== true);
        // Of a bed that is described, this answer may be older than what has come since.
        if (isNew)
          this.#update(
            infos.map((info) => this.#newer(info)),
            performance.now(),
          );
      },
      () => undefined,
    );
  }

  #newer(info: BedInfo): BedInfo {
    const bed = this.beds.get(info.bed);
    return bed?.isDescribed === true ? bed.info : info;
  }

  /** A timeline message as it is told, which also says how far its bed has come. */
  #hear(message: TimelineMessage, nowMs: number): void {
    this.#remember(message);
    const bed = this.beds.get(message.bed);
    const serverTimeMs = this.serverTimeMs(nowMs);
    if (bed === undefined || serverTimeMs === undefined) return;
    if (message.type === 'event' && serverTimeMs - message.toldTimeMicros / 1000 < LIVE_WITHIN_MS) {
      bed.reach(message.newestSampleTimeMicros);
    }
    if (message.type === 'stream') bed.follow(message);
  }

  #remember(message: TimelineMessage): void {
    this.#options.onTimeline?.(message);
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
      case 'alarm':
      case 'acknowledgement':
      case 'alarmRules':
      case 'label':
      case 'config':
        return;
    }
  }
}
