import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { filter, firstValueFrom } from 'rxjs';
import type { OpenContext } from '../adapters/adapter.js';
import type { PushExchange } from '../adapters/push/push-exchange.js';
import type { Detector } from '../pipelines/core/detection.js';
import { ChirpdError } from '../pipelines/core/errors.js';
import type { DaemonAlarms } from './alarms/daemon-alarms.js';
import type { Bed } from './bed.js';
import { bedOptions } from './config/bed-options.js';
import type { ConfigInForce } from './config/config-in-force.js';
import type { BedConfig } from './config/schema.js';
import { createBed } from './create-bed.js';
import type { Histories } from './history/histories.js';
import { Journals } from './journal/journals.js';
import type { Logger } from './log.js';
import { logBedState } from './log-bed-state.js';
import type { Overload } from './overload/overload.js';
import type { BedInfo } from './protocol/messages.js';
import { publishBed, type Publication } from './publish.js';
import type { Recorder } from './recording/recorder.js';
import type { Hub } from './server/hub.js';
import { startDelaysMs } from './start-delays.js';
import type { Part } from './supervisor.js';
import type { AppendQueue } from './timeline/append-queue.js';

export interface BedsPartOptions {
  readonly config: ConfigInForce;
  readonly dataDirectory: string;
  /** False: no journals, as for a replay. */
  readonly serve: boolean;
  readonly hub: Hub;
  readonly pushes: PushExchange;
  readonly detector: Detector;
  readonly appendQueue: () => AppendQueue;
  /** Undefined where nothing is recorded, kept or watched. */
  readonly recorder: () => Recorder | undefined;
  readonly histories: () => Histories | undefined;
  readonly alarms: () => DaemonAlarms | undefined;
  /** Undefined where nothing is left out. */
  readonly overload?: Overload | undefined;
  /** For a bed of kind `stdin`. */
  readonly stdin?: Readable | undefined;
  /** Called when the beds are made, before they start. */
  readonly onBeds?: ((beds: readonly Bed[]) => void) | undefined;
  readonly log: Logger;
}

/** What another config makes of the beds; those that it does not name are left alone. */
export interface BedChanges {
  readonly removed: readonly string[];
  readonly changed: readonly BedConfig[];
  readonly added: readonly BedConfig[];
}

interface RunningBed {
  readonly config: BedConfig;
  readonly bed: Bed;
  readonly publication: Publication;
}

/** A disk that refuses must not hold the other beds up. */
const WRITTEN_MS = 3000;
const REMOVED = 'taken out of the config';

/** The beds of the config: what they are made of, where what they say goes, and how they come and go while the daemon runs. */
export class BedsPart implements Part {
  readonly name = 'beds';
  readonly #options: BedsPartOptions;
  readonly #beds = new Map<string, RunningBed>();
  #journals: Journals | undefined;
  #isStopping = false;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(options: BedsPartOptions) {
    this.#options = options;
  }

  /** Undefined before the start. */
  get journals(): Journals | undefined {
    return this.#journals;
  }

  /** More or less is left out of live beds from now on. */
  tellShed(): void {
    for (const { publication } of this.#beds.values()) publication.tellShed();
  }

  async start(): Promise<void> {
    const { config, dataDirectory, serve, log, onBeds } = this.#options;
    const minutes = serve ? config.now.journal.minutes : 0;
    this.#journals = new Journals({ folder: join(dataDirectory, 'journal'), minutes, log });
    const opened = await this.#open(config.now.beds);
    onBeds?.(opened);
    const delays = startDelaysMs(config.now.beds);
    opened.forEach((bed, i) => {
      bed.start(delays[i]);
    });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await within(WRITTEN_MS / 2, this.#changing);
    const running = [...this.#beds.values()];
    await Promise.all(running.map(({ bed }) => bed.stop()));
    // What the beds said last goes into the timeline while the server can still tell it.
    await this.#options.appendQueue().stop();
    for (const { publication } of running) publication.stop();
    await this.#journals?.stop();
  }

  /**
   * Resolves when each bed of a device has samples or has been told that there are none, and after `timeoutMs` anyway. Beds
   * that wait for a program to push do not count.
   */
  async settled(timeoutMs: number): Promise<void> {
    const beds = [...this.#beds.values()].filter(({ config }) => config.adapter.kind !== 'push');
    await within(timeoutMs, Promise.all(beds.map(({ bed }) => begun(bed))));
  }

  /** Resolves when every bed's stream has ended. */
  async ended(): Promise<void> {
    await Promise.all(Array.from(this.#beds.values(), ({ publication }) => publication.ended));
  }

  /**
   * Brings the beds in step with the config in force. Whatever is to stop stops first: a device that moves from one bed to
   * another is free when it is opened there. What goes wrong with one bed does not keep the others: it is thrown afterwards.
   */
  async change(changes: BedChanges): Promise<void> {
    const changed = this.#change(changes);
    this.#changing = changed.catch(() => undefined);
    await changed;
  }

  async #change({ removed, changed, added }: BedChanges): Promise<void> {
    const { hub, config } = this.#options;
    const stopped = await Promise.allSettled([
      ...removed.map((name) => this.#remove(name)),
      ...changed.map((bed) => this.#makeWay(bed)),
    ]);
    if (this.#isStopping) return;
    const toOpen = [...changed, ...added];
    const delays = startDelaysMs(toOpen);
    const opened = await Promise.allSettled(
      toOpen.map(async (bed, i) => {
        for (const one of await this.#open([bed])) {
          if (this.#isStopping) await one.stop();
          else one.start(delays[i]);
        }
      }),
    );
    hub.arrange(config.now.beds.map(({ name }) => name));
    const failed = [...stopped, ...opened].find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Makes beds and publishes them; they are not started. */
  async #open(configs: readonly BedConfig[]): Promise<readonly Bed[]> {
    const beds = await Promise.all(configs.map(async (config) => ({ config, bed: await this.#make(config) })));
    for (const { config, bed } of beds) this.#beds.set(config.name, this.#publish(config, bed));
    return beds.map(({ bed }) => bed);
  }

  async #make(bed: BedConfig): Promise<Bed> {
    const { config, detector, recorder, histories, overload } = this.#options;
    if (histories()?.find(bed.name) === undefined) histories()?.add(bed);
    return createBed({
      ...bedOptions(bed, config.now),
      context: this.#contextOf(bed),
      detector,
      share: bed.speed === 1 ? overload?.addBed(bed.name) : undefined,
      recorder: bed.record ? recorder()?.addBed(bed.name) : undefined,
      ...(await this.#openJournals().open(bed)),
    });
  }

  #publish(config: BedConfig, bed: Bed): RunningBed {
    const { hub, log, alarms, histories, recorder } = this.#options;
    const appendQueue = this.#options.appendQueue();
    logBedState(bed, log);
    bed.state$.subscribe(() => alarms()?.look());
    const journal = this.#journals?.find(bed.name);
    const publication = publishBed(bed, { hub, appendQueue, log, journal, history: histories()?.find(bed.name) });
    const recording = config.record ? recorder()?.bed(bed.name) : undefined;
    void publication.ended
      .then(() => appendQueue.drained())
      .then(() => {
        recording?.finish();
      });
    return { config, bed, publication };
  }

  /** Its stream ends, and all that it said is kept; its alarms are over, and say why. */
  async #remove(name: string): Promise<void> {
    const running = this.#beds.get(name);
    if (running === undefined) return;
    const { alarms, pushes, histories, log } = this.#options;
    const because = `the bed was ${REMOVED}`;
    alarms()?.bedGoes(name, because);
    const gone = `There is no bed "${name}" any more: it was ${REMOVED}`;
    pushes.close(name, new ChirpdError('PROTOCOL_NO_SUCH_BED', gone));
    await running.bed.end(REMOVED);
    await this.#close(running, 'ended');
    await histories()?.remove(name);
    this.#beds.delete(name);
    alarms()?.bedGone(name, because);
    log.info({ bed: name }, 'Bed removed');
  }

  /** Stops a bed for the one of the same name that follows. On the lists it stays where it is. */
  async #makeWay(next: BedConfig): Promise<void> {
    const running = this.#beds.get(next.name);
    if (running === undefined) return;
    const { hub, pushes, histories } = this.#options;
    const leaveHub = hub.addBed(betweenTwo(running.bed.info(), next.name));
    await running.bed.stop();
    await this.#close(running, 'stopped');
    if (running.config.adapter.kind === 'push' && next.adapter.kind !== 'push') {
      const text = `Bed "${next.name}" takes no pushes any more: its config has changed`;
      pushes.close(next.name, new ChirpdError('PROTOCOL_NO_SUCH_BED', text));
    }
    if (running.config.profiles[0] !== next.profiles[0]) await histories()?.remove(next.name);
    if (this.#isStopping) leaveHub();
  }

  /** Brings what a bed has said to where it is kept. */
  async #close({ bed, publication }: RunningBed, what: 'stopped' | 'ended'): Promise<void> {
    const { appendQueue, recorder, overload } = this.#options;
    overload?.removeBed(bed.name);
    await within(WRITTEN_MS, appendQueue().settled());
    publication.stop();
    await within(WRITTEN_MS, Promise.all([this.#journals?.close(bed.name, what), recorder()?.removeBed(bed.name)]));
  }

  #openJournals(): Journals {
    if (this.#journals === undefined) throw new ChirpdError('JOURNAL_CLOSED', 'the beds were not started');
    return this.#journals;
  }

  /** What an adapter needs of the daemon, beyond its options. */
  #contextOf({ name, adapter }: BedConfig): Pick<OpenContext, 'pushSlot' | 'stdin'> {
    const { stdin, pushes } = this.#options;
    if (adapter.kind === 'push') return { pushSlot: pushes.open(name) };
    return adapter.kind === 'stdin' && stdin !== undefined ? { stdin } : {};
  }
}

/** A bed while the one before has stopped and the one that follows is not there: nothing comes, and nothing is over. */
function betweenTwo(last: BedInfo, name: string): Pick<Bed, 'name' | 'info'> {
  const atMs = performance.now();
  return {
    name,
    info: () => ({
      ...last,
      state: 'starting',
      stateText: 'opened anew: its config has changed',
      newestAgeMs: last.newestAgeMs < 0 ? -1 : Math.round(last.newestAgeMs + performance.now() - atMs),
    }),
  };
}

/** Resolves when it is known whether samples come. */
async function begun(bed: Bed): Promise<void> {
  const isKnown = ({ state }: Pick<BedInfo, 'state'>): boolean => state !== 'starting';
  if (!isKnown(bed.info())) await firstValueFrom(bed.state$.pipe(filter(isKnown)), { defaultValue: undefined });
}

async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}
