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
import { InfluxForwarder } from './influx/forwarder.js';
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
import { createServer, type Server } from './server/server.js';
import { Supervisor, type Part } from './supervisor.js';
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
   * The model takes seconds to load, in a process of its own: it begins first, and beds take samples before it answers. A port
   * that is taken is told at once.
   */
  inOrder(): readonly Part[] {
    const outside = [this.#serverPart(), ...this.#lslParts(), ...this.#influxParts()];
    const { serve } = this.#options;
    if (!serve) return [this.#timelinePart(), this.#retentionPart(), this.model, this.#beds];
    const { model } = this;
    return [
      { name: 'loading the model', start: () => model.load(), stop: () => model.stop() },
      this.#timelinePart(),
      // Before anything that may raise an alarm: a receiver that is new hears of what comes from its start on.
      ...[this.#webhooksPart(), this.#historyPart(), ...outside, this.#retentionPart()],
      ...[this.#recordingsPart(), this.#beds, this.#overload],
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
    const start = (): void => {
      reloads.start();
    };
    const stop = (): void => {
      reloads.stop();
    };
    return { name: 'reloads', start, stop };
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
    const { server, beds, unit } = this.#config.now;
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
