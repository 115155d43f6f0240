import { SpeedControl } from '../../adapters/speed-control.js';
import type { Bed } from '../bed.js';
import type { Logger } from '../log.js';
import type { ReplayMark } from '../protocol/messages.js';
import type { ReplayInfo, ReplayState } from '../protocol/replay-messages.js';
import { publishBed, type Publication } from '../publish.js';
import type { Hub } from '../server/hub.js';
import type { AppendQueue } from '../timeline/append-queue.js';
import { markedQueue } from './marked-queue.js';
import { ReplayBed } from './replay-bed.js';

export interface ReplayOptions extends Pick<ReplayInfo, 'id' | 'bed' | 'of' | 'files' | 'startTimeMicros' | 'cursor'> {
  readonly speed: number | 'max';
  readonly isPaused: boolean;
  readonly fromSeconds: number;
  readonly durationSeconds: number | undefined;
  /** Makes the bed of a run, which goes by the name `of`. */
  readonly openBed: (control: SpeedControl, fromSeconds: number) => Bed;
  readonly hub: Hub;
  readonly appendQueue: Pick<AppendQueue, 'add' | 'settled'>;
  readonly log: Pick<Logger, 'error' | 'info' | 'warn'>;
  /** All has been replayed, or it has failed. */
  readonly onEnd: () => void;
}

/** One way through the recording: from the start, or from where somebody sought. */
interface Run {
  readonly mark: ReplayMark;
  readonly bed: ReplayBed;
  readonly publication: Publication;
  readonly fromSeconds: number;
  nChirps: number;
  /** All that it told is in the timeline. */
  isOver: boolean;
}

/** A recording that is replayed in the running daemon. Each seek begins a stream of its own. */
export class Replay {
  readonly id: string;
  readonly #options: ReplayOptions;
  readonly #control: SpeedControl;
  readonly #createdTimeMicros = Date.now() * 1000;
  #run: Run;
  /** Changes come one after the other. */
  #changing: Promise<void> = Promise.resolve();
  #isStopped = false;

  /** Begins at once. */
  constructor(options: ReplayOptions) {
    this.id = options.id;
    this.#options = options;
    this.#control = new SpeedControl(options.speed, options.isPaused);
    this.#run = this.#begin(1, options.fromSeconds);
  }

  /** Whether there is nothing more to come. */
  get isOver(): boolean {
    return this.#run.isOver;
  }

  setSpeed(speed: number | 'max', isPaused: boolean): void {
    this.#control.set(speed, isPaused);
  }

  get speed(): number | 'max' {
    return this.#control.speed;
  }

  get isPaused(): boolean {
    return this.#control.isPaused;
  }

  /** Begins anew at a stream time: events keep the times of the recording. */
  seek(seconds: number): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isStopped) return;
      const before = this.#run;
      await this.#end(before, `goes on at ${seconds.toFixed(1)} s`);
      this.#run = this.#begin(before.mark.run + 1, seconds);
    });
  }

  stop(): Promise<void> {
    return this.#inTurn(async () => {
      this.#isStopped = true;
      await this.#end(this.#run, 'stopped');
    });
  }

  info(): ReplayInfo {
    const { id, bed, of, files, startTimeMicros, cursor, durationSeconds } = this.#options;
    const { mark, fromSeconds, nChirps } = this.#run;
    const { newestTimeMicros, stateText, state } = this.#run.bed.info();
    const reached = newestTimeMicros === 0 ? fromSeconds : (newestTimeMicros - startTimeMicros) / 1e6;
    return {
      id,
      bed,
      of,
      files,
      state: this.#state(),
      stateText: state === 'failed' ? stateText : '',
      speed: this.#control.speed,
      run: mark.run,
      positionSeconds: Math.round(reached * 1e3) / 1e3,
      durationSeconds: durationSeconds ?? null,
      startTimeMicros,
      nChirps,
      createdTimeMicros: this.#createdTimeMicros,
      cursor,
    };
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    this.#changing = this.#changing.then(change);
    return this.#changing;
  }

  #state(): ReplayState {
    const { bed, isOver } = this.#run;
    const { state } = bed.info();
    if (isOver) return state === 'failed' ? 'failed' : 'ended';
    if (this.#control.isPaused) return 'paused';
    return state === 'starting' ? 'starting' : 'playing';
  }

  #begin(n: number, fromSeconds: number): Run {
    const { id, bed: name, openBed, hub, appendQueue, log } = this.#options;
    const mark = { id, run: n };
    const bed = new ReplayBed(openBed(this.#control, fromSeconds), name, mark, this.#control);
    const publication = publishBed(bed, { hub, appendQueue: markedQueue(appendQueue, mark), log });
    const run: Run = { mark, bed, publication, fromSeconds, nChirps: 0, isOver: false };
    bed.output$.subscribe((item) => {
      if (item.type === 'event' && item.event.phase === 'onset') run.nChirps++;
    });
    void publication.ended
      .then(() => appendQueue.settled())
      .then(() => {
        run.isOver = true;
        if (this.#run !== run) return;
        const { state, stateText } = bed.info();
        if (state === 'failed') log.warn({ bed: name, text: stateText }, 'Replay failed');
        else log.info({ bed: name }, 'Replay ended');
        this.#options.onEnd();
      });
    bed.start();
    return run;
  }

  /** Takes a run off the board; one that was under way is told as ended. */
  async #end({ mark, bed, publication }: Run, text: string): Promise<void> {
    const { newestTimeMicros, state } = bed.info();
    await bed.stop();
    publication.stop();
    if (state === 'ended' || state === 'failed') return;
    const timeMicros = newestTimeMicros === 0 ? this.#options.startTimeMicros : newestTimeMicros;
    markedQueue(this.#options.appendQueue, mark).add({
      key: `end:${String(timeMicros)}`,
      content: { type: 'stream', bed: bed.name, timeMicros, what: 'end', text },
    });
  }
}
