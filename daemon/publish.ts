import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { errorText } from '../pipelines/core/errors.js';
import { columnSeconds } from '../pipelines/core/profile.js';
import type { Annotation, Gap, StreamInfo } from '../pipelines/core/signal.js';
import type { QualityFrame } from '../pipelines/core/quality.js';
import type { ColumnFrame, EventItem, PipelineOutput, TrendFrame } from '../pipelines/items.js';
import { type Bed, STOPPED } from './bed.js';
import { ChannelStream } from './channel-stream.js';
import { decibelBytes } from './decibel-bytes.js';
import type { BedStore } from './history/bed-store.js';
import type { BedJournal } from './journal/bed-journal.js';
import { CheckpointGate } from './journal/checkpoint-gate.js';
import type { BedInfo, SpectrogramMessage, StreamMessage } from './protocol/messages.js';
import { montagesOf } from './montages.js';
import type { Hub, LiveTopic } from './server/hub.js';
import { RecentColumns } from './server/recent-columns.js';
import type { AppendQueue } from './timeline/append-queue.js';
import { eventKey, type TimelineContent } from './timeline/record.js';
import { WaveformBatch } from './waveform-batch.js';

export interface PublishOptions {
  readonly hub: Hub;
  readonly appendQueue: Pick<AppendQueue, 'add' | 'settled'>;
  /** Told of each checkpoint when the events before it are in the timeline. */
  readonly journal?: Pick<BedJournal, 'checkpoint'> | undefined;
  /** Gets columns and trends, whether anybody wants them or not. */
  readonly history?: Pick<BedStore, 'begin' | 'column' | 'trends'> | undefined;
  readonly log?: Pick<Logger, 'error'>;
}

export interface Publication {
  /** Resolves when the bed's output has completed and all of it has been handed on. */
  readonly ended: Promise<void>;
  /** What is left out of it may have changed. */
  tellShed(): void;
  /** Stops listening and takes the bed off the hub's list. */
  stop(): void;
}

const MICROS_PER_SECOND = 1e6;

/**
 * Tells what a bed puts out: events, gaps, annotations and stream changes to the timeline; columns, waveform and
 * trends to the hub, where someone wants them, and the newest columns are kept. Subscribe before the bed starts.
 */
export function publishBed(bed: Bed, options: PublishOptions): Publication {
  const recentColumns = new RecentColumns();
  const { hub } = options;
  const channels = new ChannelStream({
    bed: bed.name,
    mainsHz: bed.deriving.mainsHz,
    isWanted: () => !bed.isResuming && hub.isWanted('channels', bed.name),
    send: (message) => {
      hub.publish(message);
    },
  });
  const removeFromHub = hub.addBed(bed, recentColumns, () => montagesOf(bed.name, channels.info, bed.deriving.montage));
  const publisher = new BedPublisher(bed, options, recentColumns);
  let end: () => void = () => undefined;
  const states = bed.state$.subscribe(({ state }) => {
    publisher.state(state);
  });
  const ended = new Promise<void>((resolve) => (end = resolve));
  const channelItems = bed.source$.subscribe((item) => {
    channels.take(item);
  });
  const subscription = bed.output$.subscribe({
    next: (item) => {
      publisher.publish(item);
    },
    error: (error: unknown) => {
      options.log?.error({ bed: bed.name, error: errorText(error) }, 'The output of a bed failed');
      end();
    },
    complete: () => {
      publisher.complete();
      end();
    },
  });
  return {
    ended,
    tellShed: () => {
      publisher.tellShed();
    },
    stop: () => {
      publisher.stop();
      subscription.unsubscribe();
      channelItems.unsubscribe();
      states.unsubscribe();
      removeFromHub();
      end();
    },
  };
}

class BedPublisher {
  readonly #bed: Bed;
  readonly #hub: Hub;
  readonly #appendQueue: PublishOptions['appendQueue'];
  readonly #checkpoints: CheckpointGate | undefined;
  readonly #history: PublishOptions['history'];
  readonly #recentColumns: RecentColumns;
  #isLost = false;
  #shed: BedInfo['shed'];
  #stream: { readonly info: StreamInfo; readonly id: string; readonly waveform: WaveformBatch } | undefined;

  constructor(bed: Bed, { hub, appendQueue, journal, history }: PublishOptions, recentColumns: RecentColumns) {
    this.#bed = bed;
    this.#hub = hub;
    this.#appendQueue = appendQueue;
    this.#checkpoints = journal && new CheckpointGate(journal, () => appendQueue.settled());
    this.#history = history;
    this.#recentColumns = recentColumns;
  }

  publish(item: PipelineOutput): void {
    switch (item.type) {
      case 'info':
        this.#start(item);
        break;
      case 'event':
        this.#event(item);
        break;
      case 'gap':
        this.#gap(item);
        break;
      case 'annotation':
        this.#annotation(item);
        break;
      case 'column':
        this.#column(item);
        break;
      case 'trends':
        this.#trends(item);
        break;
      case 'quality':
        this.#quality(item);
        break;
      case 'block':
        if (this.#isWanted('waveform')) this.#stream?.waveform.add(item);
        else this.#stream?.waveform.clear();
        break;
      case 'checkpoint':
        this.#checkpoints?.take(item);
        break;
    }
  }

  complete(): void {
    this.#stream?.waveform.flush();
    const { state, stateText, newestTimeMicros } = this.#bed.info();
    // A bed that was stopped with the daemon is neither: its stream goes on without us.
    if (state === 'failed') this.#change('failed', newestTimeMicros, stateText);
    else if (state === 'ended' && stateText !== STOPPED) {
      // A bed whose stream never began has no time of its own.
      this.#change('end', newestTimeMicros === 0 ? Date.now() * 1000 : newestTimeMicros, stateText);
    }
  }

  /** Nothing of this bed is kept from here on: who comes after it writes into the same journal. */
  stop(): void {
    this.#stream = undefined;
    this.#checkpoints?.clear();
  }

  /** What was left out of it stands in the bed's own record, for who reads that alone. */
  tellShed(): void {
    const { shed, state, newestTimeMicros } = this.#bed.info();
    if (this.#stream === undefined || state === 'ended' || state === 'failed') return;
    if (shed?.stepsEvery === this.#shed?.stepsEvery) return;
    this.#shed = shed;
    const atMicros = Math.max(newestTimeMicros, this.#stream.info.startTimeMicros);
    this.#append(`shed:${String(atMicros)}:${String(shed?.stepsEvery ?? 0)}`, {
      type: 'stream',
      bed: this.#bed.name,
      timeMicros: atMicros,
      what: 'shed',
      text: shedText(shed),
    });
  }

  /** A device that was lost is told once, and once more when it is there again; the gap says what is missing. */
  state(state: BedInfo['state']): void {
    const isLost = state === 'reconnecting';
    if (this.#stream === undefined || isLost === this.#isLost) return;
    if (!isLost && state !== 'streaming') return;
    this.#isLost = isLost;
    const { newestTimeMicros, stateText } = this.#bed.info();
    if (isLost) this.#change('lost', newestTimeMicros, stateText);
    else this.#change('resumed', newestTimeMicros, this.#stream.info.source);
  }

  #start(info: StreamInfo): void {
    this.#stream?.waveform.flush();
    const waveform = new WaveformBatch(this.#bed.name, info, (message) => {
      this.#hub.publish(message);
    });
    this.#isLost = false;
    this.#shed = undefined;
    this.#checkpoints?.clear();
    this.#stream = { info, id: streamId(this.#bed.name, info), waveform };
    this.#recentColumns.begin(info.startTimeMicros);
    this.#history?.begin(info);
    this.#change('start', info.startTimeMicros, info.source);
    this.tellShed();
  }

  #event({ event }: EventItem): void {
    this.#appendQueue.add({
      key: eventKey(event.id, event.revision),
      content: { type: 'event', ...event },
      arrivalMs: this.#bed.arrivalMs(event.newestSampleSeconds),
    });
  }

  #gap({ firstSample, nSamples, reason }: Gap): void {
    if (this.#stream === undefined) return;
    const { info, waveform } = this.#stream;
    waveform.flush();
    this.#append(`gap:${String(firstSample)}:${String(nSamples)}`, {
      type: 'gap',
      bed: this.#bed.name,
      onsetTimeMicros: timeMicros(info, firstSample / info.sampleRate),
      offsetTimeMicros: timeMicros(info, (firstSample + nSamples) / info.sampleRate),
      reason,
    });
  }

  #annotation(annotation: Annotation): void {
    if (this.#stream === undefined) return;
    const { onsetSeconds, durationSeconds, text } = annotation;
    this.#append(`annotation:${digest([onsetSeconds, durationSeconds, text])}`, {
      type: 'stream',
      bed: this.#bed.name,
      timeMicros: timeMicros(this.#stream.info, onsetSeconds),
      what: 'annotation',
      text,
      annotation,
    });
  }

  #change(what: Exclude<StreamMessage['what'], 'annotation' | 'shed'>, atMicros: number, text: string): void {
    this.#append(`${what}:${String(atMicros)}`, {
      type: 'stream',
      bed: this.#bed.name,
      timeMicros: atMicros,
      what,
      text,
    });
  }

  /** `key` is the record's within its stream. */
  #append(key: string, content: TimelineContent): void {
    const streamKey = this.#stream?.id ?? digest([this.#bed.name]);
    this.#appendQueue.add({ key: `${streamKey}:${key}`, content });
  }

  #column(frame: ColumnFrame): void {
    if (this.#stream === undefined) return;
    this.#history?.column(frame, this.#bed.isResuming);
    const { profile, column, decibels } = frame;
    const message: SpectrogramMessage = {
      type: 'spectrogram',
      bed: this.#bed.name,
      profile: profile.name,
      column,
      timeMicros: timeMicros(this.#stream.info, columnSeconds(profile, column)),
      rowHz: profile.rowHz,
      hopSeconds: profile.hopSeconds,
      decibels: decibelBytes(decibels),
    };
    this.#recentColumns.add(message);
    if (!this.#bed.isResuming) this.#hub.publish(message);
  }

  /** Before a restart it was live; now it would be told twice. */
  #isWanted(topic: LiveTopic): boolean {
    return !this.#bed.isResuming && this.#hub.isWanted(topic, this.#bed.name);
  }

  #quality({ seconds, channels }: QualityFrame): void {
    if (this.#stream === undefined || !this.#isWanted('quality')) return;
    const at = timeMicros(this.#stream.info, seconds);
    this.#hub.publish({ type: 'quality', bed: this.#bed.name, timeMicros: at, channels });
  }

  #trends(frame: TrendFrame): void {
    if (this.#stream === undefined) return;
    this.#history?.trends(frame);
    if (!this.#isWanted('trends')) return;
    const { seconds, ...lists } = frame;
    this.#hub.publish({ ...lists, bed: this.#bed.name, timeMicros: timeMicros(this.#stream.info, seconds) });
  }
}

function shedText(shed: BedInfo['shed']): string {
  if (shed === undefined) return 'nothing is left out any more';
  const steps = shed.stepsEvery === 1 ? '' : ` and all but 1 of ${String(shed.stepsEvery)} detection steps`;
  return `trends${steps} are left out: the computer is overloaded`;
}

/** The same for the same recording on the same bed, whenever it is replayed. */
function streamId(bed: string, { startTimeMicros, source, sampleRate }: StreamInfo): string {
  return digest([bed, startTimeMicros, source, sampleRate]);
}

function digest(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}

function timeMicros(info: StreamInfo, seconds: number): number {
  return info.startTimeMicros + Math.round(seconds * MICROS_PER_SECOND);
}
