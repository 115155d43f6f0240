import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProfileName } from '../../pipelines/core/profile.js';
import { readEventLines } from '../compare/read-events.js';
import type { PlacedNote } from '../compare/recorded-chirps.js';
import type { Montage, Speed } from '../config/schema.js';
import type { EventMessage, TimelineMessage } from '../protocol/messages.js';
import type { ReplayInfo } from '../protocol/replay-messages.js';
import { chirpTable } from './chirp-table.js';
import { compareReplay } from './compare-replay.js';
import type { CliContext } from './context.js';
import { type DaemonAccessOptions, readDaemonAccess } from './daemon-access.js';
import { DaemonReplays } from './daemon-replays.js';
import { openEventSink, type EventSink } from './event-file.js';
import { timelineLine } from './event-line.js';
import { EXIT, exitCodeOfText, type ExitCode } from './exit-codes.js';
import { ReplayProgress, type ReplayPlace } from './replay-progress.js';

export interface ReplayIntoOptions extends DaemonAccessOptions {
  readonly into: string;
  readonly bed?: string;
  readonly speed?: Speed;
  readonly from?: number;
  readonly events?: string;
  readonly profile?: readonly ProfileName[];
  readonly montage?: Montage;
  readonly compare?: string | true;
}

/** Between two looks at how the replay goes. */
const LOOK_MS = 200;
const EARLIER_MICROS = 120e6;

/** What a replay told, as the bed that was recorded would have. */
interface Told {
  readonly events: EventMessage[];
  readonly notes: PlacedNote[];
}

/** `chirpd replay --into URL`: one file or folder after the other, in a running daemon. Stopped with this command. */
export async function replayInto(
  files: readonly string[],
  options: ReplayIntoOptions,
  context: CliContext,
): Promise<ExitCode> {
  const { folder, stop, stdout, stderr } = context;
  const replays = new DaemonReplays(options.into, readDaemonAccess(options, context));
  const compareFile = typeof options.compare === 'string' ? options.compare : undefined;
  const original = compareFile === undefined ? undefined : readEventLines(resolve(folder, compareFile));
  const sink = openEventSink(options.events, context);
  const results = options.events === '-' ? stderr : stdout;
  const progress = new ReplayProgress(stderr, files.length);
  const done: { readonly info: ReplayInfo; readonly told: Told }[] = [];
  try {
    for (const file of files) {
      if (stop.aborted) break;
      const begun = await replays.create({
        files: [existsSync(resolve(folder, file)) ? resolve(folder, file) : file],
        speed: options.speed ?? 'max',
        ...(options.bed !== undefined && { bed: options.bed }),
        ...(options.from !== undefined && { fromSeconds: options.from }),
        ...(options.profile && { profiles: options.profile }),
        ...(options.montage !== undefined && { montage: options.montage }),
      });
      progress.interrupt(`replay: ${begun.bed} of ${begun.files.join(', ')}\n`);
      const told: Told = { events: [], notes: [] };
      const info = await follow(replays, begun, { told, progress, sink, context });
      done.push({ info, told });
    }
  } finally {
    progress.finish();
    sink?.close();
  }
  const chirps = new Map(done.flatMap(({ told }) => told.events).map((event) => [event.id, event]));
  results.write(chirpTable([...chirps.values()]));
  const failed = done.filter(({ info }) => info.state === 'failed');
  for (const { info } of failed) stderr.write(`chirpd: ${info.of}: ${info.stateText}\n`);
  if (failed[0] !== undefined) return exitCodeOfText(failed[0].info.stateText);
  if (options.compare === undefined || stop.aborted) return EXIT.ok;
  let exit: ExitCode = EXIT.ok;
  for (const { info, told } of done) {
    const fromMicros = info.startTimeMicros + Math.round((options.from ?? 0) * 1e6);
    const live = original ?? (await toldLive(replays, info, fromMicros));
    const code = compareReplay({ ...told, original: live, fromMicros }, context, (text) => {
      results.write(text);
    });
    if (code !== EXIT.ok) exit = code;
  }
  return exit;
}

interface Follower {
  readonly told: Told;
  readonly progress: ReplayProgress;
  readonly sink: EventSink | undefined;
  readonly context: CliContext;
}

/** Follows a replay to its end, or stops it with this command. */
async function follow(replays: DaemonReplays, begun: ReplayInfo, follower: Follower): Promise<ReplayInfo> {
  const { progress, context } = follower;
  const place: ReplayPlace = { seconds: 0, totalSeconds: begun.durationSeconds ?? undefined };
  progress.watch([place]);
  let { cursor } = begun;
  try {
    for (;;) {
      // Asked before what it told is: at its end all of that is in the timeline.
      const info = await replays.info(begun.id);
      for (const record of await replays.records({ bed: begun.bed, after: String(cursor) })) {
        cursor = record.cursor;
        hear(record, begun, follower);
      }
      place.seconds = info.positionSeconds;
      if (info.state === 'ended' || info.state === 'failed' || context.stop.aborted) return info;
      await sleep(LOOK_MS, undefined, { signal: context.stop }).catch(() => undefined);
    }
  } finally {
    await replays.remove(begun.id).catch(() => undefined);
  }
}

function hear(record: TimelineMessage, { of }: ReplayInfo, { told, progress, sink, context }: Follower): void {
  if (record.type === 'event') {
    const event: EventMessage = { ...record, bed: of };
    delete (event as { replay?: unknown }).replay;
    told.events.push(event);
    if (event.phase === 'onset') progress.nChirps++;
    sink?.write(event);
  } else if (record.type === 'stream' && record.annotation !== undefined) {
    const { durationSeconds, text } = record.annotation;
    told.notes.push({
      bed: of,
      timeMicros: record.timeMicros,
      durationMicros: Math.round(durationSeconds * 1e6),
      text,
    });
    return;
  }
  if (sink === undefined) context.stdout.write(`${timelineLine(record)}\n`);
}

/** What the daemon told live in the time of a recording; undefined where that is nothing. */
async function toldLive(
  replays: DaemonReplays,
  { of, startTimeMicros, positionSeconds, durationSeconds }: ReplayInfo,
  fromMicros: number,
): Promise<readonly EventMessage[] | undefined> {
  const to = startTimeMicros + Math.ceil((durationSeconds ?? positionSeconds) * 1e6);
  // The first tellings of a chirp may put its onset a little before.
  const from = String(fromMicros - EARLIER_MICROS);
  const records = await replays.records({ bed: of, from, to: String(to) });
  const events = records.filter((record): record is EventMessage => record.type === 'event');
  return events.length === 0 ? undefined : events;
}
