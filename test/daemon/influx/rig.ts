import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { healthReport } from '../../../daemon/health.js';
import { InfluxForwarder } from '../../../daemon/influx/forwarder.js';
import { influxSchema, type InfluxConfig } from '../../../daemon/influx/influx-schema.js';
import { LoopDelay } from '../../../daemon/loop-delay.js';
import type { BedInfo, TimelineMessage, TrendsMessage } from '../../../daemon/protocol/messages.js';
import { Hub } from '../../../daemon/server/hub.js';
import type { TimelineDraft } from '../../../daemon/timeline/record.js';
import { Timeline } from '../../../daemon/timeline/timeline.js';
import { eventDraft, gapDraft } from '../timeline/drafts.js';
import { influxRecords } from './influx-records.js';
import { ADMIN, type InfluxServer } from './influx-server.js';

/** Bed names that line protocol has to escape, or cannot write. */
export const BEDS = ['Bed 1', 'Box, 2 = "x"', "Zimmer 3 ß's"] as const;

const NOBODY = { nConnected: 0, nAdmitted: 0, nRefused: { inAll: 0, perAddress: 0 }, closed: {} };

export interface LogEntry {
  readonly level: string;
  readonly text: string;
}

/** A timeline, a hub and a forwarder, as the daemon has them. */
export class Rig {
  readonly hub = new Hub();
  readonly log: LogEntry[] = [];
  readonly folder: string;
  readonly config: InfluxConfig;
  timeline: Timeline;
  forwarder: InfluxForwarder | undefined;
  readonly #loopDelay = new LoopDelay();

  private constructor(folder: string, timeline: Timeline, config: InfluxConfig) {
    this.folder = folder;
    this.timeline = timeline;
    this.config = config;
    for (const bed of BEDS) this.hub.addBed({ name: bed, info: () => bedInfo(bed) });
  }

  static async open(t: Test, config: Partial<InfluxConfig> & { readonly url: string }): Promise<Rig> {
    const folder = mkdtempSync(join(tmpdir(), 'chirpd-influx-rig-'));
    const timeline = await Timeline.open(join(folder, 'timeline'));
    const parsed = influxSchema.parse({ username: ADMIN.username, timeoutSeconds: 1, ...config });
    const rig = new Rig(folder, timeline, parsed);
    t.teardown(async () => {
      await rig.forwarder?.stop();
      rig.#loopDelay.stop();
      await rig.timeline.close();
      rmSync(folder, { recursive: true, force: true });
    });
    return rig;
  }

  start(
    options: { readonly env?: Readonly<Record<string, string>>; readonly healthMs?: number } = {},
  ): InfluxForwarder {
    const { hub, timeline, config, folder } = this;
    const log = Object.fromEntries(
      ['info', 'warn', 'error'].map((level) => [
        level,
        (...parts: unknown[]) => this.log.push({ level, text: JSON.stringify(parts) }),
      ]),
    ) as unknown as ConstructorParameters<typeof InfluxForwarder>[0]['log'];
    this.forwarder = new InfluxForwarder({
      config,
      timeline,
      hub,
      health: () =>
        healthReport(
          {
            version: '1.2.3',
            loopDelay: this.#loopDelay,
            timeline,
            hub,
            influx: () => this.forwarder?.report() ?? null,
          },
          { stream: { ...NOBODY, nConnected: 3, nLeftOut: {}, maxBehind: 0 }, ingest: NOBODY },
        ),
      dataDirectory: folder,
      env: options.env ?? { CHIRPD_INFLUX_PASSWORD: ADMIN.password },
      log,
      retryMs: 50,
      maxRetryMs: 400,
      healthMs: options.healthMs ?? 10_000,
    });
    this.forwarder.start();
    return this.forwarder;
  }

  async append(drafts: readonly TimelineDraft[]): Promise<void> {
    await Promise.all(drafts.map((draft) => this.timeline.append(draft)));
  }

  messages(): readonly TimelineMessage[] {
    return this.timeline.after(0, 1_000_000);
  }

  /** Waits until the forwarder says that it has sent everything. */
  async current(timeoutMs = 20_000): Promise<void> {
    await this.until(() => this.forwarder?.report().state === 'current', timeoutMs);
  }

  async until(condition: () => boolean, timeoutMs = 20_000): Promise<void> {
    const endMs = performance.now() + timeoutMs;
    while (!condition()) {
      if (performance.now() > endMs) throw new Error(`too late: ${JSON.stringify(this.forwarder?.report())}`);
      await sleep(10);
    }
  }

  /** Everything that anybody could read of it. */
  told(): string {
    return JSON.stringify([this.log, this.forwarder?.report()]);
  }

  async assertEqual(t: Test, server: InfluxServer): Promise<void> {
    await this.current();
    t.strictSame(await influxRecords(server, this.config.database), this.messages(), 'InfluxDB holds the timeline');
  }
}

/**
 * A life of chirps with several tellings at one microsecond, gaps, and stream changes.
 * @param from number of the first; beds take turns
 */
export function drafts(from: number, n: number): readonly TimelineDraft[] {
  return Array.from({ length: n }, (_, k) => from + k).flatMap((i): readonly TimelineDraft[] => {
    const bed = BEDS[i % BEDS.length]!;
    const first = eventDraft(i, bed);
    if (first.content.type !== 'event') throw new Error('not an event');
    const { content } = first;
    const update = { ...content, phase: 'update', score: 0.1 + 0.2 } as const;
    const timeMicros = content.onsetTimeMicros;
    return [
      first,
      { ...first, key: `${content.id}:1`, content: { ...update, revision: 1 } },
      { ...first, key: `${content.id}:2`, content: { ...update, revision: 2, endFrequencyHz: 1 / 3 } },
      { ...first, key: `${content.id}:3`, content: { ...update, revision: 3, phase: 'offset', mergedInto: 'other' } },
      gapDraft(i, bed),
      {
        key: `note:${String(i)}`,
        content: {
          type: 'stream',
          bed,
          timeMicros,
          what: 'annotation',
          text: `a "note" \\' of\nNo. ${String(i)}, it's = 5 \\`,
          annotation: { type: 'annotation', onsetSeconds: i, durationSeconds: 0.5, text: `\\"${String(i)}` },
        },
      },
      { key: `end:${String(i)}`, content: { type: 'stream', bed, timeMicros, what: 'lost', text: '' } },
    ];
  });
}

/** What a bed tells once a second, rising with it. */
export function trends(bed: string, second: number): TrendsMessage {
  return {
    type: 'trends',
    bed,
    timeMicros: second * 1e6 + 250_000,
    deltaDb: [second, second + 0.25],
    thetaDb: [-3, -3],
    alphaDb: [NaN, NaN],
    betaDb: [1, 2],
    spectralEdgeHz: [11, 12],
    suppressionRatio: [0, 0.25],
    envelopeLowerMicrovolts: [0, second % 10],
    envelopeUpperMicrovolts: [0, 20 + (second % 10)],
  };
}

function bedInfo(bed: string): BedInfo {
  return {
    bed,
    source: 'test',
    synthetic: true,
    state: 'streaming',
    stateText: '',
    derivations: ['F7-T7', 'T7-P7'],
    sampleRate: 256,
    profiles: [],
    startTimeMicros: 0,
    newestTimeMicros: 0,
    newestAgeMs: 5,
    speed: 1,
    channelFaults: [{ label: 'T7', state: 'flat' }],
  };
}
