import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { OpenContext } from '../adapters/adapter.js';
import { PushExchange } from '../adapters/push/push-exchange.js';
import type { OnnxDetector } from '../models/detector.js';
import { ChirpdError } from '../pipelines/core/errors.js';
import { Guard } from './access/guard.js';
import { DaemonAlarms } from './alarms/daemon-alarms.js';
import { DiskWatch, type WatchedFolder } from './alarms/disk-watch.js';
import { MemoryWatch } from './alarms/memory-watch.js';
import { Webhooks } from './alarms/webhooks/webhooks.js';
import type { Bed } from './bed.js';
import { createBed } from './create-bed.js';
import { bedOptions, configuredRulesOf } from './config/bed-options.js';
import { configRecord } from './config/config-record.js';
import type { BedConfig, Config } from './config/schema.js';
import { healthReport } from './health.js';
import { Histories } from './history/histories.js';
import { Labels } from './labels/labels.js';
import { Journals } from './journal/journals.js';
import { InfluxForwarder } from './influx/forwarder.js';
import type { Logger } from './log.js';
import { logBedState } from './log-bed-state.js';
import { LoopDelay } from './loop-delay.js';
import { lslPart } from './lsl/lsl-part.js';
import { makeFolder } from './make-folder.js';
import { ModelPart } from './model-part.js';
import { packageRoot } from './package-root.js';
import { publishBed, type Publication } from './publish.js';
import { Replays } from './replays/replays.js';
import { replaysPart } from './replays/replays-part.js';
import type { OpenAlarm } from './protocol/messages.js';
import type { Recorder } from './recording/recorder.js';
import { recordingsPart } from './recordings-part.js';
import type { DaemonLook } from './service/progress.js';
import { Liveness } from './service/liveness.js';
import { silenceLimits } from './service/silence-limits.js';
import { Hub } from './server/hub.js';
import { createServer, type Server } from './server/server.js';
import { Supervisor, type Part } from './supervisor.js';
import { AppendQueue } from './timeline/append-queue.js';
import { Retention } from './timeline/retention.js';
import { Timeline } from './timeline/timeline.js';
import { Waveforms } from './waveforms/waveforms.js';

export interface ComposeOptions {
  readonly version: string;
  /** Folder of the timeline and whatever else must last. */
  readonly dataDirectory: string;
  readonly log: Logger;
  /** False: no board, HTTP, WebSocket and InfluxDB, as for a replay. */
  readonly serve: boolean;
  /** Environment: passwords that no config holds. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** For a bed of kind `stdin`. */
  readonly stdin?: Readable;
  /** Called when the timeline is open and the beds are made, before they start. */
  readonly onBeds?: (beds: readonly Bed[], timeline: Timeline) => void;
}

/** A daemon put together from its parts; nothing runs before `supervisor.start()`. */
export interface Daemon {
  readonly supervisor: Supervisor;
  /** The board's address; undefined before the server has started, or without one. */
  url(): string | undefined;
  /** Resolves when every bed's stream has ended and all it said is in the timeline. Call it after the start. */
  ended(): Promise<void>;
  /** What runs the model and how much it has done; undefined before the start. */
  detector(): OnnxDetector | undefined;
  /** Records that could not be written, since the start. */
  nLost(): number;
  /** How it gets on. Ask it after the start. */
  readonly liveness: Liveness;
}

/** Builds everything that a config asks for. */
export function composeDaemon(config: Config, options: ComposeOptions): Daemon {
  const parts = new DaemonParts(config, options);
  const { log } = options;
  const supervisor = new Supervisor(parts.inOrder(), {
    log: {
      // Each part says itself what it does; an error that ends the start is told by whoever asked for it.
      info: log.debug.bind(log),
      warn: log.warn.bind(log),
      error: log.debug.bind(log),
    },
  });
  return {
    supervisor,
    url: () => parts.server?.url,
    ended: () => parts.ended(),
    detector: () => parts.model.detector,
    nLost: () => parts.store?.appendQueue.nLost ?? 0,
    liveness: parts.liveness,
  };
}

interface Store {
  readonly timeline: Timeline;
  readonly appendQueue: AppendQueue;
}

/** The parts as they come to life, one after the other. */
class DaemonParts {
  readonly #config: Config;
  readonly #options: ComposeOptions;
  readonly #hub = new Hub();
  readonly #pushes = new PushExchange();
  readonly #loopDelay = new LoopDelay();
  readonly #memory = new MemoryWatch();
  readonly #disk = new DiskWatch(() => this.#folders());
  #beds: readonly Bed[] = [];
  #publications: readonly Publication[] = [];
  #retention: Retention | undefined;
  #recorder: Recorder | undefined;
  #histories: Histories | undefined;
  #journals: Journals | undefined;
  #replays: Replays | undefined;
  #alarms: DaemonAlarms | undefined;
  #labels: Labels | undefined;
  readonly #webhooks: Webhooks;
  readonly liveness: Liveness;
  readonly model: ModelPart;
  #guard: Guard | undefined;
  store: Store | undefined;
  server: Server | undefined;
  influx: InfluxForwarder | undefined;

  constructor(config: Config, options: ComposeOptions) {
    this.#config = config;
    this.#options = options;
    this.#webhooks = new Webhooks(config.alarms.webhooks);
    const { serve: survives, log } = options;
    this.model = new ModelPart({ config: config.model, survives, onChange: () => this.#alarms?.look(), log });
    this.liveness = new Liveness({ silenceMs: silenceLimits(config.beds), look: () => this.#look() });
  }

  /** The server comes before the model, which takes seconds: a port that is taken is told at once. */
  inOrder(): readonly Part[] {
    const outside = [this.#serverPart(), ...this.#lslParts(), ...this.#influxParts()];
    const { serve } = this.#options;
    return [
      this.#timelinePart(),
      // Before anything that may raise an alarm: a receiver that is new hears of what comes from its start on.
      ...(serve ? [this.#webhooksPart(), this.#historyPart(), ...outside] : []),
      this.#retentionPart(),
      this.model,
      ...(serve ? [this.#recordingsPart()] : []),
      this.#bedsPart(),
      ...(serve ? [this.#replaysPart(), this.#alarmsPart()] : []),
    ];
  }

  async ended(): Promise<void> {
    await Promise.all(this.#publications.map(({ ended }) => ended));
    await this.store?.appendQueue.drained();
  }

  #look(): DaemonLook {
    const { timeline, appendQueue } = this.#started();
    return {
      beds: this.#hub.beds(),
      alarms: this.#alarms?.open() ?? [],
      model: this.model.detector?.statistics(),
      timeline: { cursor: timeline.newestCursor, nWaiting: appendQueue.nWaiting },
    };
  }

  #timelinePart(): Part {
    const { log, dataDirectory } = this.#options;
    return {
      name: 'timeline',
      start: async () => {
        makeFolder(dataDirectory);
        const timeline = await Timeline.open(join(dataDirectory, 'timeline'), { log });
        this.store = { timeline, appendQueue: new AppendQueue(timeline, { log }) };
        log.info({ folder: timeline.directory, newestCursor: timeline.newestCursor }, 'Timeline open');
        if (this.#options.serve) this.#beginToWatch(this.store);
      },
      stop: async () => {
        this.#loopDelay.stop();
        // Also where stopping the beds failed half-way: what is committed must not be cut off by the close.
        await this.store?.appendQueue.stop();
        await this.store?.timeline.close();
      },
    };
  }

  /** Comes after InfluxDB's part: what InfluxDB has not got is kept. */
  #retentionPart(): Part {
    const { log } = this.#options;
    return {
      name: 'retention',
      start: () => {
        const takenCursor = (): number => this.influx?.takenCursor ?? Infinity;
        this.#retention = new Retention(this.#started().timeline, { ...this.#config.timeline, log, takenCursor });
        this.#retention.start();
      },
      stop: () => this.#retention?.stop(),
    };
  }

  /** Those that are written into. */
  #folders(): readonly WatchedFolder[] {
    const { folder } = this.#config.recording;
    return [
      { what: `data folder ${this.#options.dataDirectory}`, path: this.#options.dataDirectory },
      ...(folder === undefined ? [] : [{ what: `recordings ${folder}`, path: folder }]),
    ];
  }

  #beginToWatch(store: Store): void {
    const record = configRecord(this.#config, this.#options.version, store.timeline, Date.now() * 1000);
    if (record !== undefined) store.appendQueue.add(record);
    this.#alarms = new DaemonAlarms({
      ...store,
      beds: () => this.#hub.plainBeds(),
      model: () => this.model.conditions(),
      memory: () => this.#memory.look(),
      disk: () => this.#disk.look(),
      influx: () => this.influx?.report() ?? null,
      recording: () => this.#recorder?.report() ?? null,
      webhooks: () => this.#webhooks.problems(),
      histories: () => this.#histories?.problems() ?? [],
      journals: () => this.#journals?.problems() ?? [],
      access: () => this.#guard?.conditions() ?? [],
      patient: {
        ...this.#config.alarms,
        hasBed: (bed) => this.#config.beds.some(({ name }) => name === bed),
        configuredRulesOf: (bed) => configuredRulesOf(bed, this.#config),
        log: this.#options.log,
      },
    });
    this.#labels = new Labels({ timeline: store.timeline, hub: this.#hub });
    this.#hub.describe = (bed) => this.#alarms?.described(bed) ?? bed;
  }

  #webhooksPart(): Part {
    const { log, dataDirectory, env = {} } = this.#options;
    return {
      name: 'webhooks',
      start: () => {
        const folder = join(dataDirectory, 'webhooks');
        this.#webhooks.start({ timeline: this.#started().timeline, log, folder, env });
      },
      stop: () => this.#webhooks.stop(),
    };
  }

  /** The last to be started and the first to be stopped: what stops with the daemon is no alarm. */
  #alarmsPart(): Part {
    const start = async (): Promise<void> => {
      await this.#alarms?.start();
      this.liveness.started();
    };
    return { name: 'alarms', start, stop: () => this.#alarms?.stop() };
  }

  #serverPart(): Part {
    const { log, version, dataDirectory } = this.#options;
    const { server, beds, unit } = this.#config;
    return {
      name: 'server',
      start: async () => {
        // A pusher may come before its bed has begun: it waits, where an unknown bed would send it away for good.
        for (const { name, adapter } of beds) if (adapter.kind === 'push') this.#pushes.open(name);
        this.#guard = new Guard({ ...server, dataDirectory, log });
        this.server = createServer({
          ...this.#started(),
          ...{ ...server, ...unit, version, log, guard: this.#guard },
          ...{ hub: this.#hub, pushExchange: this.#pushes, loopDelay: this.#loopDelay },
          ...(this.#alarms && { alarms: this.#alarms }),
          model: () => this.model.report(),
          liveness: this.liveness,
          influx: () => this.influx?.report() ?? null,
          ...{ recorder: () => this.#recorder, replays: () => this.#replays },
          ...(this.#labels && { labels: this.#labels }),
          ...(this.#histories && { histories: this.#histories }),
          waveforms: new Waveforms({
            beds: new Map(beds.map((bed) => [bed.name, bedOptions(bed, this.#config)])),
            journal: (bed) => this.#journals?.find(bed),
            recorder: () => this.#recorder,
          }),
          staticDir: join(packageRoot(), 'dist/dashboards/web'),
          demonstration: beds.every(({ adapter }) => adapter.kind === 'synthetic'),
        });
        await this.server.start();
        log.info({ url: this.server.url }, 'Board, HTTP and WebSocket ready');
      },
      stop: () => this.server?.stop(),
    };
  }

  /** Before the server, which reads it, and stopped after the beds. */
  #historyPart(): Part {
    const { log, dataDirectory } = this.#options;
    const { beds, history } = this.#config;
    const start = (): Promise<void> => {
      this.#histories = new Histories({ folder: join(dataDirectory, 'history'), hours: history.hours, beds, log });
      return this.#histories.start();
    };
    return { name: 'history', start, stop: () => this.#histories?.stop() };
  }

  #lslParts(): readonly Part[] {
    const { lsl: options } = this.#config;
    if (!options.events && !options.trends) return [];
    const timeline = (): Timeline => this.#started().timeline;
    return [lslPart({ options, timeline, hub: this.#hub, log: this.#options.log })];
  }

  #influxParts(): readonly Part[] {
    const { log, version, dataDirectory, env = {} } = this.#options;
    const { influx: config } = this.#config;
    if (config === undefined) return [];
    const start = (): void => {
      const store = this.#started();
      this.influx = new InfluxForwarder({
        config,
        timeline: store.timeline,
        hub: this.#hub,
        health: () => {
          const model = (): Readonly<Record<string, unknown>> => this.model.report();
          const alarms = (): readonly OpenAlarm[] => this.#alarms?.open() ?? [];
          const sources = { ...store, version, hub: this.#hub, loopDelay: this.#loopDelay, model, alarms };
          return healthReport(sources, this.server?.figures());
        },
        dataDirectory,
        env,
        log,
      });
      this.influx.start();
    };
    return [{ name: 'influx', start, stop: () => this.influx?.stop() }];
  }

  #recordingsPart(): Part {
    return recordingsPart({
      config: this.#config.recording,
      timeline: () => this.#started().timeline,
      labels: () => this.#labels?.book,
      onRecorder: (recorder) => {
        this.#recorder = recorder;
      },
      log: this.#options.log,
    });
  }

  #bedsPart(): Part {
    const { log, serve, dataDirectory } = this.#options;
    return {
      name: 'beds',
      start: async () => {
        const { timeline, appendQueue } = this.#started();
        const detector = this.model.started();
        const minutes = serve ? this.#config.journal.minutes : 0;
        const journals = new Journals({ folder: join(dataDirectory, 'journal'), minutes, log });
        this.#journals = journals;
        this.#beds = await Promise.all(
          this.#config.beds.map(async (bed) =>
            createBed({
              ...bedOptions(bed, this.#config),
              context: this.#contextOf(bed),
              detector,
              recorder: bed.record ? this.#recorder?.addBed(bed.name) : undefined,
              ...(await journals.open(bed)),
            }),
          ),
        );
        for (const bed of this.#beds) {
          logBedState(bed, log);
          bed.state$.subscribe(() => this.#alarms?.look());
        }
        this.#publications = this.#beds.map((bed) =>
          publishBed(bed, {
            hub: this.#hub,
            appendQueue,
            log,
            journal: journals.find(bed.name),
            history: this.#histories?.find(bed.name),
          }),
        );
        this.#publications.forEach(({ ended }, i) => {
          void ended
            .then(() => appendQueue.drained())
            .then(() => {
              this.#recorder?.finish(this.#beds[i]?.name ?? '');
            });
        });
        this.#options.onBeds?.(this.#beds, timeline);
        for (const bed of this.#beds) bed.start();
      },
      stop: async () => {
        await Promise.all(this.#beds.map((bed) => bed.stop()));
        // What the beds said last goes into the timeline while the server can still tell it.
        await this.store?.appendQueue.stop();
        for (const publication of this.#publications) publication.stop();
        await this.#journals?.stop();
      },
    };
  }

  #replaysPart(): Part {
    return replaysPart(() => {
      const detector = this.model.started();
      this.#replays = new Replays({
        ...this.#started(),
        config: this.#config,
        hub: this.#hub,
        log: this.#options.log,
        openBed: (bed, speed, fromSeconds) =>
          createBed({ ...bedOptions(bed, this.#config), speed, context: { fromSeconds }, detector, pendingSteps: 1 }),
      });
      return this.#replays;
    });
  }

  #started(): Store {
    if (this.store === undefined) throw new ChirpdError('TIMELINE_CLOSED', 'the timeline was not opened');
    return this.store;
  }

  /** What an adapter needs of the daemon, beyond its options. */
  #contextOf({ name, adapter }: BedConfig): Pick<OpenContext, 'pushSlot' | 'stdin'> {
    const { stdin } = this.#options;
    if (adapter.kind === 'push') return { pushSlot: this.#pushes.open(name) };
    return adapter.kind === 'stdin' && stdin !== undefined ? { stdin } : {};
  }
}
