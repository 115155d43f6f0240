import { randomBytes } from 'node:crypto';
import { planSession } from '../../adapters/session/plan.js';
import { openAdapter } from '../../adapters/registry.js';
import type { SpeedControl } from '../../adapters/speed-control.js';
import { ChirpdError } from '../../pipelines/core/errors.js';
import type { Bed } from '../bed.js';
import { recordingBedName } from '../config/for-recordings.js';
import { bedSchema, type BedConfig, type Config } from '../config/schema.js';
import type { Logger } from '../log.js';
import type { Replayable, ReplayChange, ReplayInfo } from '../protocol/replay-messages.js';
import type { Hub } from '../server/hub.js';
import type { AppendQueue } from '../timeline/append-queue.js';
import type { Timeline } from '../timeline/timeline.js';
import { allowedRecordings } from './allowed-recordings.js';
import type { CheckedRequest } from './replay-schema.js';
import { Replay } from './replay.js';
import { replayable } from './replayable.js';

export interface ReplaysOptions {
  /** In force when it is asked for. */
  readonly config: () => Pick<Config, 'replays' | 'recording' | 'beds'>;
  readonly hub: Hub;
  readonly timeline: Pick<Timeline, 'newestCursor'>;
  readonly appendQueue: Pick<AppendQueue, 'add' | 'settled'>;
  readonly openBed: (bed: BedConfig, control: SpeedControl, fromSeconds: number) => Bed;
  readonly log: Pick<Logger, 'error' | 'info' | 'warn'>;
  /** How long a replay that is over stays. Default 10 minutes. */
  readonly keepEndedMs?: number;
}

const KEEP_ENDED_MS = 600_000;
/** Replays that are over, beside those that run. */
const MAX_ENDED = 16;

/** The replays of a running daemon. */
export class Replays {
  readonly #options: ReplaysOptions;
  readonly #replays = new Map<string, Replay>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Being opened: they count, too. */
  #nOpening = 0;
  #isStopping = false;

  constructor(options: ReplaysOptions) {
    this.#options = options;
  }

  /**
   * Begins to replay recordings, in the order of their start times, as one stream.
   * @throws ChirpdError REPLAY_FORBIDDEN, REPLAY_TOO_MANY, and what is wrong with a recording
   */
  async create(request: CheckedRequest): Promise<ReplayInfo> {
    const { max } = this.#options.config().replays;
    const nRunning = [...this.#replays.values()].filter(({ isOver }) => !isOver).length;
    if (this.#isStopping || nRunning + this.#nOpening >= max) {
      const text = `${String(nRunning)} replays run, and the config (replays.max) allows ${String(max)}: stop one`;
      throw new ChirpdError('REPLAY_TOO_MANY', this.#isStopping ? 'the daemon is stopping' : text);
    }
    this.#nOpening++;
    try {
      return await this.#open(request);
    } finally {
      this.#nOpening--;
    }
  }

  /** Recordings that may be replayed. */
  replayable(): Promise<Replayable> {
    return replayable(this.#folders);
  }

  list(): readonly ReplayInfo[] {
    return Array.from(this.#replays.values(), (replay) => replay.info());
  }

  /** @throws ChirpdError REPLAY_NOT_FOUND */
  info(id: string): ReplayInfo {
    return this.#find(id).info();
  }

  /** @throws ChirpdError REPLAY_NOT_FOUND, REPLAY_ENDED (only a seek begins it again) */
  async change(id: string, { speed, paused, seekSeconds }: ReplayChange): Promise<ReplayInfo> {
    const replay = this.#find(id);
    if (replay.isOver && seekSeconds === undefined) {
      throw new ChirpdError('REPLAY_ENDED', `Replay ${id} is over; a seek begins it again`);
    }
    replay.setSpeed(speed ?? replay.speed, paused ?? replay.isPaused);
    if (seekSeconds !== undefined) {
      clearTimeout(this.#timers.get(id));
      await replay.seek(seekSeconds);
    }
    return replay.info();
  }

  /** Stops it and takes it off the board. @throws ChirpdError REPLAY_NOT_FOUND */
  async remove(id: string): Promise<ReplayInfo> {
    const replay = this.#find(id);
    const info = replay.info();
    this.#replays.delete(id);
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    await replay.stop();
    return info;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#replays.keys()].map((id) => this.remove(id)));
  }

  get #folders(): readonly string[] {
    const { replays, recording } = this.#options.config();
    return replays.folders ?? (recording.folder === undefined ? [] : [recording.folder]);
  }

  #find(id: string): Replay {
    const replay = this.#replays.get(id);
    if (replay === undefined) throw new ChirpdError('REPLAY_NOT_FOUND', `There is no replay ${id.slice(0, 100)}`);
    return replay;
  }

  async #open(request: CheckedRequest): Promise<ReplayInfo> {
    const { hub, timeline, appendQueue, openBed, log } = this.#options;
    const { beds } = this.#options.config();
    const files = await allowedRecordings(request.files, this.#folders);
    const { info, pieces } = await planSession(files, openAdapter);
    const of = request.bed ?? recordingBedName(nameOf(request.files, pieces[0]?.file.path ?? ''), beds);
    const id = randomBytes(4).toString('hex');
    const bedConfig = sessionBed(of, files, request, beds);
    const { nSamplesTotal, sampleRate, startTimeMicros } = info;
    if (this.#isStopping) throw new ChirpdError('REPLAY_TOO_MANY', 'the daemon is stopping');
    const replay = new Replay({
      id,
      bed: `Replay ${id}: ${of}`,
      of,
      files: pieces.map(({ file }) => file.path),
      startTimeMicros,
      cursor: timeline.newestCursor,
      speed: request.speed,
      isPaused: request.paused,
      fromSeconds: request.fromSeconds,
      durationSeconds: nSamplesTotal === undefined ? undefined : nSamplesTotal / sampleRate,
      openBed: (control, fromSeconds) => openBed(bedConfig, control, fromSeconds),
      hub,
      appendQueue,
      log,
      onEnd: () => {
        this.#keepFor(id);
      },
    });
    this.#replays.set(id, replay);
    log.info({ bed: replay.info().bed, files: files.length }, 'Replay begun');
    return replay.info();
  }

  /** A replay that is over goes by itself, the oldest first where there are many. */
  #keepFor(id: string): void {
    const remove = (over: string): void => {
      if (this.#replays.get(over)?.isOver === true) void this.remove(over);
    };
    clearTimeout(this.#timers.get(id));
    this.#timers.set(id, setTimeout(remove, this.#options.keepEndedMs ?? KEEP_ENDED_MS, id).unref());
    const over = [...this.#replays].filter(([, { isOver }]) => isOver).map(([name]) => name);
    for (const name of over.slice(0, Math.max(0, over.length - MAX_ENDED))) remove(name);
  }
}

/** What names a replay: the folder or file that was asked for, or the first of several. */
function nameOf(asked: readonly string[], firstPath: string): string {
  const [only, ...others] = asked;
  return only !== undefined && others.length === 0 && !firstPath.endsWith(only) ? only : firstPath;
}

/** A bed of the config that goes by the name lends its settings. */
function sessionBed(
  name: string,
  files: readonly { readonly kind: string; readonly path: string }[],
  { montage, profiles, mainsHz }: CheckedRequest,
  beds: readonly BedConfig[],
): BedConfig {
  const lent = beds.find((bed) => bed.name === name);
  return bedSchema.parse({
    ...lent,
    ...(montage !== undefined && { montage }),
    ...(profiles !== undefined && { profiles }),
    ...(mainsHz !== undefined && { mainsHz }),
    name,
    adapter: { kind: 'session', files },
  });
}
