import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { HealthReport } from '../health.js';
import { type OpenAlarm, replayOf, type TimelineMessage } from '../protocol/messages.js';
import { FAMILIES } from './families.js';
import { samplesOf } from './samples.js';

export interface MetricsSources {
  readonly health: () => HealthReport;
  readonly alarms: () => readonly OpenAlarm[];
  /** Folder whose file system holds the timeline. */
  readonly dataDirectory: string;
}

/** Who asks more often than this gets the same answer again: asking costs the daemon next to nothing. */
const KEEP_MS = 1000;
/** Seconds from the newest sample used to an event on disk. */
const DELAY_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What `GET /v1/metrics` answers, in the text format of Prometheus. README.md lists every name. */
export class Metrics {
  readonly #sources: MetricsSources;
  readonly #registry = new Registry();
  readonly #gauges = new Map<string, Gauge>();
  readonly #counters = new Map<string, Counter>();
  readonly #delays: Histogram;
  #text: Promise<string> | undefined;
  #madeMs = -Infinity;

  constructor(sources: MetricsSources) {
    this.#sources = sources;
    const registers = [this.#registry];
    for (const { name, type, help, labels = [] } of FAMILIES) {
      const options = { name, help, labelNames: [...labels], registers };
      if (type === 'gauge') this.#gauges.set(name, new Gauge(options));
      else if (type === 'counter') this.#counters.set(name, new Counter(options));
    }
    this.#delays = new Histogram({
      name: 'chirpd_event_delay_seconds',
      help: 'From the newest sample used to an event on disk, of live beds, since the start.',
      buckets: DELAY_BUCKETS,
      registers,
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Takes what was written into the timeline. */
  tell(messages: readonly TimelineMessage[]): void {
    for (const message of messages) {
      if (message.type === 'event' && replayOf(message) === undefined) this.#delays.observe(message.delayMs / 1000);
    }
  }

  text(): Promise<string> {
    const nowMs = performance.now();
    if (this.#text === undefined || nowMs - this.#madeMs > KEEP_MS) {
      this.#madeMs = nowMs;
      this.#text = this.#make();
    }
    return this.#text;
  }

  #make(): Promise<string> {
    for (const metric of [...this.#gauges.values(), ...this.#counters.values()]) metric.reset();
    const { health, alarms, dataDirectory } = this.#sources;
    for (const { name, value, labels = {} } of samplesOf(health(), alarms(), dataDirectory)) {
      if (!Number.isFinite(value)) continue;
      this.#gauges.get(name)?.set(labels, value);
      this.#counters.get(name)?.inc(labels, value);
    }
    return this.#registry.metrics();
  }
}
