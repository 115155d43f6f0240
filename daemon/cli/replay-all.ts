import { blockLength, type StreamInfo } from '../../pipelines/core/signal.js';
import { type Bed, STOPPED } from '../bed.js';
import type { PlacedNote } from '../compare/recorded-chirps.js';
import type { Config } from '../config/schema.js';
import { createLog } from '../log.js';
import type { BedInfo, EventMessage } from '../protocol/messages.js';
import type { Timeline } from '../timeline/timeline.js';
import type { CliContext } from './context.js';
import type { EventSink } from './event-file.js';
import { EventOrder, tellingKey } from './event-order.js';
import type { ReplayPlace, ReplayProgress } from './replay-progress.js';

export interface ReplayRun {
  readonly dataDirectory: string;
  readonly sink?: EventSink | undefined;
  /** Told of the beds; it is up to the caller to finish it. */
  readonly progress: ReplayProgress;
  readonly verbose: boolean;
  readonly context: CliContext;
}

/** What a replayed bed looked at. */
export interface ReplayedBed {
  readonly info: BedInfo;
  /** Length of the recording in seconds, gaps included. */
  readonly seconds: number;
  /** Seconds of it without a signal. */
  readonly gapSeconds: number;
}

export interface ReplayResult {
  /** Each chirp as it was told last, in the order in which they were first told. */
  readonly chirps: readonly EventMessage[];
  /** Every telling. */
  readonly events: readonly EventMessage[];
  /** Annotations of the recordings. */
  readonly notes: readonly PlacedNote[];
  /** In the order of the config. */
  readonly beds: readonly ReplayedBed[];
  /** Why beds failed. */
  readonly failures: readonly string[];
  readonly nLost: number;
}

/**
 * Replays every bed of a config through a daemon without a server, to the end or until `context.stop`.
 * @throws ChirpdError what keeps the daemon from starting; a bed that fails is told in the result
 */
export async function replayAll(
  config: Config,
  { dataDirectory, sink, progress, verbose, context }: ReplayRun,
): Promise<ReplayResult> {
  const chirps = new Map<string, EventMessage>();
  const events: EventMessage[] = [];
  const notes: PlacedNote[] = [];
  const places = new Map(
    config.beds.map(({ name }): [string, Place] => [
      name,
      { seconds: 0, totalSeconds: undefined, newestSeconds: 0, gapSeconds: 0 },
    ]),
  );
  progress.watch([...places.values()]);
  const lanes = config.beds.flatMap(({ name, profiles }) => profiles.map((profile) => ({ bed: name, profile })));
  const order = new EventOrder(lanes, (event) => {
    chirps.set(event.id, event);
    events.push(event);
    sink?.write(event);
  });
  let followed: { readonly beds: readonly Bed[]; readonly timeline: Timeline } | undefined;
  const { composeDaemon } = await import('../compose.js');
  const daemon = composeDaemon(config, {
    version: context.version,
    dataDirectory,
    log: createLog({
      json: false,
      verbose,
      level: 'warn',
      write: (text) => {
        progress.interrupt(text);
      },
    }),
    serve: false,
    onBeds: (beds, timeline) => {
      followed = { beds, timeline };
      timeline.listen((messages) => {
        for (const message of messages) if (message.type === 'event') order.commit(message);
      });
      for (const bed of beds) follow(bed, places.get(bed.name)!, order, progress, notes);
    },
  });
  const onStop = (): void => {
    void daemon.supervisor.stop();
  };
  context.stop.addEventListener('abort', onStop);
  try {
    await daemon.supervisor.start();
    await daemon.ended();
    if (followed !== undefined) tellKnown(followed.timeline, order);
  } finally {
    context.stop.removeEventListener('abort', onStop);
    await daemon.supervisor.stop();
  }
  order.finish();
  const failures = followed?.beds.flatMap((bed) => {
    const { state, stateText } = bed.info();
    return state === 'failed' ? [`${bed.name}: ${stateText}`] : [];
  });
  const beds = (followed?.beds ?? []).map((bed): ReplayedBed => {
    const { newestSeconds, totalSeconds, gapSeconds } = places.get(bed.name)!;
    return { info: bed.info(), seconds: totalSeconds ?? newestSeconds, gapSeconds };
  });
  return { chirps: [...chirps.values()], events, notes, beds, failures: failures ?? [], nLost: daemon.nLost() };
}

interface Place extends ReplayPlace {
  /** End of the newest sample or gap. */
  newestSeconds: number;
  gapSeconds: number;
}

/** Keeps the order and the progress up to date with what a bed says. */
function follow(bed: Bed, place: Place, order: EventOrder, progress: ReplayProgress, notes: PlacedNote[]): void {
  let info: StreamInfo | undefined;
  bed.output$.subscribe({
    next: (item) => {
      if (item.type === 'event') {
        order.announce(item.event);
        if (item.event.phase === 'onset') progress.nChirps++;
      } else if (item.type === 'trends') {
        place.seconds = item.seconds;
      } else if (item.type === 'info') {
        info = item;
        if (item.nSamplesTotal !== undefined) place.totalSeconds = item.nSamplesTotal / item.sampleRate;
      } else if (item.type === 'annotation' && info !== undefined) {
        const { onsetSeconds, durationSeconds, text } = item;
        const timeMicros = info.startTimeMicros + Math.round(onsetSeconds * 1e6);
        notes.push({ bed: bed.name, timeMicros, durationMicros: Math.round(durationSeconds * 1e6), text });
      } else if (item.type === 'gap' && info !== undefined) {
        place.gapSeconds += item.nSamples / info.sampleRate;
        place.newestSeconds = (item.firstSample + item.nSamples) / info.sampleRate;
      } else if (item.type === 'block' && info !== undefined) {
        place.newestSeconds = (item.firstSample + blockLength(item)) / info.sampleRate;
      }
    },
    complete: () => {
      if (bed.info().stateText !== STOPPED) place.seconds = place.totalSeconds ?? place.seconds;
      order.end(bed.name);
    },
  });
}

/** With a timeline that is kept, what an earlier replay told is not told again: it is read from there. */
function tellKnown(timeline: Timeline, order: EventOrder): void {
  const missing = new Set(order.missing());
  for (let cursor = 0; missing.size > 0;) {
    const page = timeline.after(cursor, 512);
    for (const message of page) {
      if (message.type === 'event' && missing.delete(tellingKey(message))) order.commit(message);
    }
    cursor = page.at(-1)?.cursor ?? NaN;
    if (Number.isNaN(cursor)) return;
  }
}
