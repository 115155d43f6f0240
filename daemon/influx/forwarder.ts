import { join } from 'node:path';
import type { Logger } from 'pino';
import { errorText, isChirpdError } from '../../pipelines/core/errors.js';
import type { HealthReport } from '../health.js';
import type { Hub } from '../server/hub.js';
import type { Timeline } from '../timeline/timeline.js';
import { healthPoints } from './health-points.js';
import { InfluxClient } from './influx-client.js';
import { readInfluxPassword } from './influx-password.js';
import { influxText, type InfluxFailure, type InfluxReport } from './influx-report.js';
import type { InfluxConfig } from './influx-schema.js';
import { PointQueue } from './point-queue.js';
import { PositionFile } from './position-file.js';
import { prepareDatabase } from './prepare-database.js';
import { RecordSender } from './record-sender.js';
import { TrendCollector } from './trend-collector.js';
import { WakefulSleep } from '../wakeful-sleep.js';

export interface InfluxForwarderOptions {
  readonly config: InfluxConfig;
  readonly timeline: Pick<Timeline, 'after' | 'inRange' | 'newestCursor' | 'oldestCursor' | 'listen'>;
  readonly hub: Hub;
  readonly health: () => HealthReport;
  /** The position is kept in a folder `influx` of it. */
  readonly dataDirectory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Wait before the first try after a failure, doubled with each further one, less up to half of it. Default 500. */
  readonly retryMs?: number;
  /** Default 15000. */
  readonly maxRetryMs?: number;
  /** Between two health points. Default 10000. */
  readonly healthMs?: number;
}

/** New records wait this long for others to share a write. */
const GATHER_MS = 200;
/** What a stopping daemon still gives to InfluxDB; the rest goes there after the next start. */
const STOP_MS = 1000;
const SETTLE_MS = 1000;
/** Points of trends and health in one write. */
const QUEUE_BATCH = 2000;
/** Where nothing is sent InfluxDB is asked for something: that it is gone must not wait for the next record. */
const PROBE_MS = 1500;
/** An answer that it owes for longer is told as a failure, though it may still come. */
const LATE_MS = 2500;

/** Writes the timeline, trends and health into InfluxDB, for as long as it takes: nobody waits for it and nothing fails by it. */
export class InfluxForwarder {
  readonly #options: InfluxForwarderOptions;
  readonly #sender: RecordSender;
  readonly #position: PositionFile;
  readonly #queue: PointQueue;
  readonly #trends: TrendCollector;
  readonly #sleep = new WakefulSleep();
  #client: InfluxClient | undefined;
  #running: Promise<void> | undefined;
  #isStopping = false;
  #isConnected = false;
  #isCheckDue = false;
  #isProbeDue = false;
  #failure: InfluxFailure | undefined;
  #note = '';
  #nRefusedPoints = 0;
  #release: () => void = () => undefined;

  /** @throws ChirpdError TIMELINE_OPEN_FAILED where the folder of the position cannot be made */
  constructor(options: InfluxForwarderOptions) {
    this.#options = options;
    const { config, timeline, hub, dataDirectory, log } = options;
    this.#position = new PositionFile(join(dataDirectory, 'influx'), timeline.newestCursor, log);
    this.#sender = new RecordSender({ timeline, position: this.#position, batchSize: config.batchSize, log });
    this.#queue = new PointQueue(config.maxQueuedPoints);
    this.#trends = new TrendCollector(hub, (points) => {
      this.#queue.add(points);
    });
  }

  start(): void {
    const { timeline, healthMs = 10_000 } = this.#options;
    const stopListening = timeline.listen(() => {
      this.#sleep.wake();
    });
    const timer = setInterval(() => {
      this.#addHealth();
    }, healthMs);
    const probing = setInterval(() => {
      this.#isProbeDue = true;
      this.#sleep.wake();
    }, PROBE_MS);
    this.#release = () => {
      stopListening();
      clearInterval(timer);
      clearInterval(probing);
      this.#trends.stop();
    };
    this.#trends.start();
    this.#addHealth();
    this.#running = this.#run();
  }

  /** Gives InfluxDB a moment to take what is new, where it takes anything, and ends. */
  async stop(): Promise<void> {
    this.#release();
    this.#isStopping = true;
    this.#sleep.end();
    const timer = setTimeout(() => this.#client?.close(), STOP_MS);
    await this.#running;
    clearTimeout(timer);
    this.#client?.close();
  }

  /** InfluxDB has every record up to this one; those after it must stay in the timeline. */
  get takenCursor(): number {
    return this.#sender.takenCursor;
  }

  report(): InfluxReport {
    const { nTooOld, nUnreadable, nMissed, nBehind } = this.#sender;
    const failure = this.#failure ?? this.#late();
    const isCurrent = nBehind === 0;
    return {
      state: failure ? 'failing' : !this.#isConnected ? 'connecting' : isCurrent ? 'current' : 'catching-up',
      text: influxText({ nBehind }, failure, this.#note),
      code: failure?.code ?? null,
      failure: failure?.message ?? '',
      failingSinceMicros: failure?.failingSinceMicros ?? 0,
      cursor: this.#position.cursor,
      nBehind,
      nQueued: this.#queue.nPoints,
      nDropped: this.#queue.nDropped + this.#nRefusedPoints,
      nTooOld,
      nUnreadable,
      nMissed,
    };
  }

  #late(): InfluxFailure | undefined {
    const waitingMs = this.#client?.waitingMs ?? 0;
    if (waitingMs < LATE_MS || this.#isStopping) return undefined;
    const message = `InfluxDB at ${this.#options.config.url} does not answer [SINK_INFLUX_UNREACHABLE]`;
    return { code: 'SINK_INFLUX_UNREACHABLE', message, failingSinceMicros: Math.round(Date.now() - waitingMs) * 1000 };
  }

  #addHealth(): void {
    this.#queue.add(healthPoints(this.#options.health(), Date.now() * 1000));
    this.#isCheckDue = true;
    this.#sleep.wake();
  }

  async #run(): Promise<void> {
    const { retryMs = 500, maxRetryMs = 15_000 } = this.#options;
    let waitMs = retryMs;
    for (;;) {
      try {
        const isMore = await this.#work();
        waitMs = retryMs;
        if (isMore) continue;
        if (this.#isStopping) return;
        await this.#sleep.untilWoken();
        if (!this.#isStopping) await this.#sleep.for(GATHER_MS);
      } catch (error) {
        this.#fail(error);
        if (this.#isStopping) return;
        await this.#sleep.for(waitMs * (0.5 + 0.5 * Math.random()));
        if (this.#isStopping) return;
        waitMs = Math.min(2 * waitMs, maxRetryMs);
      }
    }
  }

  /** One write of each kind; true where more waits. */
  async #work(): Promise<boolean> {
    const client = await this.#connected();
    const isMore = await this.#sender.sendBatch(client);
    const hasSentQueued = await this.#sendQueued(client);
    if (this.#isProbeDue && !isMore && !hasSentQueued) await client.probe();
    this.#isProbeDue = false;
    this.#recovered();
    if (this.#isCheckDue && !isMore) {
      this.#isCheckDue = false;
      await this.#comparePosition(client);
      await this.#sender.mark(client);
    }
    return isMore || this.#queue.nPoints >= QUEUE_BATCH || this.#sender.nBehind > 0;
  }

  async #connected(): Promise<InfluxClient> {
    if (this.#client !== undefined && this.#isConnected) return this.#client;
    const { config, env, log } = this.#options;
    this.#client?.close();
    const client = new InfluxClient({
      ...config,
      username: config.username,
      password: readInfluxPassword(config, env),
      timeoutMs: 1000 * config.timeoutSeconds,
    });
    this.#client = client;
    const note = await prepareDatabase(client, config);
    if (note !== '' && note !== this.#note) log.warn({ note }, 'InfluxDB is not set up as the config says');
    this.#note = note;
    await this.#comparePosition(client);
    this.#isConnected = true;
    const { nBehind } = this.#sender;
    if (this.#failure === undefined) log.info({ url: config.url, nBehind }, 'InfluxDB ready');
    return client;
  }

  /** Once, what was sent right after a DROP DATABASE was not there later: before sending again it is given a moment. */
  async #comparePosition(client: InfluxClient): Promise<void> {
    if (await this.#sender.comparePosition(client)) await this.#sleep.for(SETTLE_MS);
  }

  /** What InfluxDB answers and will not take is dropped, so that records do not wait for it. @returns whether there was anything */
  async #sendQueued(client: InfluxClient): Promise<boolean> {
    const groups = this.#queue.oldest(QUEUE_BATCH);
    if (groups.length === 0) return false;
    const points = groups.flat();
    try {
      await client.write(points);
    } catch (error) {
      if (!isChirpdError(error, 'SINK_INFLUX_BAD_POINT') && !isChirpdError(error, 'SINK_INFLUX_REFUSED')) throw error;
      if (this.#nRefusedPoints === 0) this.#options.log.warn({ reason: errorText(error) }, 'Trends are dropped');
      this.#nRefusedPoints += points.length;
    }
    this.#queue.remove(groups);
    return true;
  }

  #fail(error: unknown): void {
    this.#isConnected = false;
    const code = isChirpdError(error) ? error.code : 'SINK_INFLUX_FAILED';
    const message = errorText(error);
    const { log } = this.#options;
    if (this.#failure?.code !== code && !this.#isStopping) {
      log.warn({ reason: message, nBehind: this.#sender.nBehind }, 'InfluxDB takes nothing; trying again');
    }
    const failingSinceMicros = this.#failure?.failingSinceMicros ?? Date.now() * 1000;
    this.#failure = { code, message, failingSinceMicros };
  }

  #recovered(): void {
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    this.#options.log.info({ nBehind: this.#sender.nBehind }, 'InfluxDB takes points again');
  }
}
