import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { PushExchange } from '../adapters/push/push-exchange.js';
import type { OnnxDetector } from '../models/detector.js';
import { ChirpdError } from '../pipelines/core/errors.js';
import { Guard } from './access/guard.js';
import { DaemonAlarms } from './alarms/daemon-alarms.js';
import { DiskWatch, type WatchedFolder } from './alarms/disk-watch.js';
import { MemoryWatch } from './alarms/memory-watch.js';
import { Webhooks } from './alarms/webhooks/webhooks.js';
import type { Bed } from './bed.js';
import { BedsPart } from './beds-part.js';
import { createBed } from './create-bed.js';
import { bedOptions, configuredRulesOf } from './config/bed-options.js';
import { configRecord } from './config/config-record.js';
import { ConfigInForce } from './config/config-in-force.js';
import type { Config } from './config/schema.js';
import { healthReport } from './health.js';
import { Histories } from './history/histories.js';
import { Labels } from './labels/labels.js';
import type { InfluxForwarder } from './influx/forwarder.js';
import { influxPart } from './influx/influx-part.js';
import type { Logger } from './log.js';
import { LoopDelay } from './loop-delay.js';
import { lslPart } from './lsl/lsl-part.js';
import { makeFolder } from './make-folder.js';
import { ModelPart } from './model-part.js';
import type { LoadLevelOptions } from './overload/load-level.js';
import { Overload } from './overload/overload.js';
import { packageRoot } from './package-root.js';
import type { ReloadPlan } from './reload/reload-plan.js';
import { type ConfigSource, Reloads } from './reload/reloads.js';
import { Replays } from './replays/replays.js';
import { replaysPart } from './replays/replays-part.js';
import type { OpenAlarm } from './protocol/messages.js';
import type { Recorder } from './recording/recorder.js';
import { recordingsPart } from './recordings-part.js';
import type { DaemonLook } from './service/progress.js';
import { Liveness } from './service/liveness.js';
import { silenceLimits } from './service/silence-limits.js';
import { Hub } from './server/hub.js';
import { checkPort } from './server/check-port.js';
import type { Server } from './server/server.js';
import { inTwo, Supervisor, type Part } from './supervisor.js';
import { AppendQueue } from './timeline/append-queue.js';
import { Retention } from './timeline/retention.js';
import { Timeline } from './timeline/timeline.js';
import type { DeriveOptions } from './waveforms/derive.js';
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
  /** Where the config came from, and comes from again at a reload. Left out: it stays as it is. */
  readonly configSource?: ConfigSource | undefined;
  /** How soon more is left out of a daemon that does not keep up, and less. */
  readonly overload?: LoadLevelOptions;
  /** Called when the timeline is open and the beds are made, before they start. */
  readonly onBeds?: (beds: readonly Bed[], timeline: Timeline) => void;
}

/** So long the server waits for devices that take long to begin. */
const FIRST_SAMPLES_MS = 300;

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
  /** Other settings while it runs. */
  readonly reloads: Reloads;
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
    reloads: parts.reloads,
  };
}

interface Store {
  readonly timeline: Timeline;
  readonly appendQueue: AppendQueue;
}

/** The parts as they come to life, one after the other. */
class DaemonParts {
  readonly #config: ConfigInForce;
  readonly #options: ComposeOptions;
  readonly #hub = new Hub();
  readonly #pushes = new PushExchange();
  readonly #loopDelay = new LoopDelay();
  readonly #memory = new MemoryWatch();
  readonly #disk = new DiskWatch(() => this.#folders());
  readonly #overload: Overload;
  readonly #beds: BedsPart;
  #retention: Retention | undefined;
  #recorder: Recorder | undefined;
  #histories: Histories | undefined;
  #replays: Replays | undefined;
  #alarms: DaemonAlarms | undefined;
  #labels: Labels | undefined;
  readonly #webhooks: Webhooks;
  readonly liveness: Liveness;
  readonly model: ModelPart;
  readonly reloads: Reloads;
  #guard: Guard | undefined;
  store: Store | undefined;
  server: Server | undefined;
  influx: InfluxForwarder | undefined;

  constructor(config: Config, options: ComposeOptions) {
    this.#config = new ConfigInForce(config);
    this.#options = options;
    this.#webhooks = new Webhooks(config.alarms.webhooks);
    const { serve: survives, log } = options;
    this.model = new ModelPart({ config: config.model, survives, onChange: () => this.#alarms?.look(), log });
    const silenceMs = { get: (bed: string) => silenceLimits(this.#config.now.beds).get(bed) };
    this.liveness = new Liveness({ silenceMs, look: () => this.#look() });
    const onChange = (): void => {
      this.#beds.tellShed();
      this.server?.tellBeds();
      this.#alarms?.look();
    };
    this.#overload = new Overload({ ...options.overload, model: () => this.model.activity, onChange, log });
    this.#beds = this.#bedsPart();
    this.reloads = new Reloads({
      config: this.#config,
      source: options.configSource,
      apply: (plan) => this.#apply(plan),
      audit: () => this.#guard?.audit,
      log,
    });
    this.reloads.listen(() => this.#alarms?.look());
  }

  /**
   * The model takes seconds to load, in a process of its own: it begins first, and beds take samples before it answers. So they
   * do before there is a server, the code of which is a third of all; that it may not listen is told at once.
   */
  inOrder(): readonly Part[] {
    const { serve } = this.#options;
    if (!serve) return [this.#timelinePart(), this.#retentionPart(), this.model, this.#beds];
    const { model } = this;
    const outside = [this.#serverPart(), ...this.#influxParts()].map(inTwo);
    return [
      { name: 'loading the model', start: () => model.load(), stop: () => model.stop() },
      this.#timelinePart(),
      // Before anything that may raise an alarm: a receiver that is new hears of what comes from its start on.
      ...[this.#webhooksPart(), this.#historyPart(), this.#guardPart(), ...this.#lslParts()],
      ...[...outside.map(({ stopping }) => stopping), this.#recordingsPart(), this.#beds, this.#overload],
      // Loading the code of the server keeps the main loop from reading what devices send.
      { name: 'first samples', start: () => this.#beds.settled(FIRST_SAMPLES_MS), stop: () => undefined },
      ...[...outside.map(({ starting }) => starting), this.#retentionPart()],
      // Stopped by the first of these, after the beds.
      { name: 'model', start: () => model.start(), stop: () => undefined },
      ...[this.#replaysPart(), this.#alarmsPart(), this.#reloadsPart()],
    ];
  }

  async ended(): Promise<void> {
    await this.#beds.ended();
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
        this.#retention = new Retention(this.#started().timeline, { ...this.#config.now.timeline, log, takenCursor });
        this.#retention.start();
      },
      stop: () => this.#retention?.stop(),
    };
  }

  /** Those that are written into. */
  #folders(): readonly WatchedFolder[] {
    const { folder } = this.#config.now.recording;
    return [
      { what: `data folder ${this.#options.dataDirectory}`, path: this.#options.dataDirectory },
      ...(folder === undefined ? [] : [{ what: `recordings ${folder}`, path: folder }]),
    ];
  }

  #beginToWatch(store: Store): void {
    this.#recordConfig(store);
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
      journals: () => this.#beds.journals?.problems() ?? [],
      overload: () => this.#overload.conditions(),
      access: () => [...(this.#guard?.conditions() ?? []), ...this.reloads.conditions()],
      patient: {
        ...this.#config.now.alarms,
        hasBed: (bed) => this.#config.now.beds.some(({ name }) => name === bed),
        configuredRulesOf: (bed) => configuredRulesOf(bed, this.#config.now),
        log: this.#options.log,
      },
    });
    this.#labels = new Labels({ timeline: store.timeline, hub: this.#hub });
    this.#hub.describe = (bed) => this.#alarms?.described(bed) ?? bed;
  }

  #recordConfig({ timeline, appendQueue }: Store): void {
    const record = configRecord(this.#config.now, this.#options.version, timeline, Date.now() * 1000);
    if (record !== undefined) appendQueue.add(record);
  }

  /** Puts another config in force. The model comes first: where it cannot be used nothing has changed. */
  async #apply({ config, changes, isOtherModel, bedsOfOtherRules }: ReloadPlan): Promise<void> {
    const model = isOtherModel ? await this.model.prepare(config.model) : undefined;
    try {
      this.reloads.checkStopping();
    } catch (error) {
      model?.drop();
      throw error;
    }
    model?.use();
    this.#config.replace(config);
    this.#recordConfig(this.#started());
    this.#alarms?.configChanged(config.alarms, bedsOfOtherRules, 'the alarm rules of the config have changed');
    await this.#beds.change(changes);
    this.server?.tellBeds();
  }

  /** Stopped before anything that it may change. */
  #reloadsPart(): Part {
    const { reloads } = this;
    return { name: 'reloads', start: () => reloads.start(), stop: () => reloads.stop() };
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

  /** Whatever forbids to listen, before anything has begun. */
  #guardPart(): Part {
    const { log, dataDirectory } = this.#options;
    const { server } = this.#config.now;
    const start = async (): Promise<void> => {
      this.#guard = new Guard({ ...server, dataDirectory, log });
      await checkPort(server);
    };
    return { name: 'guard', start, stop: () => undefined };
  }

  #serverPart(): Part {
    const { log, version } = this.#options;
    const { server, unit } = this.#config.now;
    return {
      name: 'server',
      start: async () => {
        const { createServer } = await import('./server/server.js');
        this.server = createServer({
          ...this.#started(),
          ...{ ...server, ...unit, version, log, ...(this.#guard && { guard: this.#guard }) },
          ...{ hub: this.#hub, pushExchange: this.#pushes, loopDelay: this.#loopDelay },
          ...(this.#alarms && { alarms: this.#alarms }),
          model: () => this.model.report(),
          liveness: this.liveness,
          overload: () => this.#overload.report(),
          influx: () => this.influx?.report() ?? null,
          ...{ recorder: () => this.#recorder, replays: () => this.#replays, reloads: this.reloads },
          ...(this.#labels && { labels: this.#labels }),
          ...(this.#histories && { histories: this.#histories }),
          waveforms: new Waveforms({
            beds: { get: (name) => this.#derivingOf(name) },
            journal: (bed) => this.#beds.journals?.find(bed),
            recorder: () => this.#recorder,
          }),
          staticDir: join(packageRoot(), 'dist/dashboards/web'),
          demonstration: () => this.#config.now.beds.every(({ adapter }) => adapter.kind === 'synthetic'),
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
    const { beds, history } = this.#config.now;
    const start = (): Promise<void> => {
      this.#histories = new Histories({ folder: join(dataDirectory, 'history'), hours: history.hours, beds, log });
      return this.#histories.start();
    };
    return { name: 'history', start, stop: () => this.#histories?.stop() };
  }

  #lslParts(): readonly Part[] {
    const { lsl: options } = this.#config.now;
    if (!options.events && !options.trends) return [];
    const timeline = (): Timeline => this.#started().timeline;
    return [lslPart({ options, timeline, hub: this.#hub, log: this.#options.log })];
  }

  #influxParts(): readonly Part[] {
    const { log, version, dataDirectory, env = {} } = this.#options;
    const { influx: config } = this.#config.now;
    if (config === undefined) return [];
    const sources = { version, hub: this.#hub, loopDelay: this.#loopDelay, model: () => this.model.report() };
    const alarms = (): readonly OpenAlarm[] => this.#alarms?.open() ?? [];
    return [
      influxPart({
        ...{ config, dataDirectory, env, log, hub: this.#hub, timeline: () => this.#started().timeline },
        health: () => healthReport({ ...this.#started(), ...sources, alarms }, this.server?.figures()),
        onForwarder: (forwarder) => {
          this.influx = forwarder;
        },
      }),
    ];
  }

  #recordingsPart(): Part {
    return recordingsPart({
      config: this.#config.now.recording,
      timeline: () => this.#started().timeline,
      labels: () => this.#labels?.book,
      onRecorder: (recorder) => {
        this.#recorder = recorder;
      },
      log: this.#options.log,
    });
  }

  #bedsPart(): BedsPart {
    const { dataDirectory, serve, stdin, onBeds, log } = this.#options;
    return new BedsPart({
      ...{ config: this.#config, dataDirectory, serve, stdin, log, hub: this.#hub, pushes: this.#pushes },
      detector: this.model,
      appendQueue: () => this.#started().appendQueue,
      recorder: () => this.#recorder,
      histories: () => this.#histories,
      alarms: () => this.#alarms,
      overload: serve ? this.#overload : undefined,
      onBeds: (beds) => onBeds?.(beds, this.#started().timeline),
    });
  }

  #derivingOf(name: string): DeriveOptions | undefined {
    const bed = this.#config.now.beds.find((one) => one.name === name);
    return bed && bedOptions(bed, this.#config.now);
  }

  #replaysPart(): Part {
    return replaysPart(() => {
      this.#replays = new Replays({
        ...this.#started(),
        config: () => this.#config.now,
        hub: this.#hub,
        log: this.#options.log,
        openBed: (bed, speed, fromSeconds) =>
          createBed({
            ...{ ...bedOptions(bed, this.#config.now), speed, context: { fromSeconds }, detector: this.model },
            pendingSteps: 1,
          }),
      });
      return this.#replays;
    });
  }

  #started(): Store {
    if (this.store === undefined) throw new ChirpdError('TIMELINE_CLOSED', 'the timeline was not opened');
    return this.store;
  }
}
