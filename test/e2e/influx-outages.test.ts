import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { HealthReport } from '../../daemon/health.js';
import type { TimelineMessage } from '../../daemon/protocol/messages.js';
import { openAlarms } from './alarm-records.js';
import { BlackHoleProxy } from '../daemon/influx/black-hole-proxy.js';
import { influxRecords } from '../daemon/influx/influx-records.js';
import { ADMIN, influxMissing, InfluxServer } from '../daemon/influx/influx-server.js';
import { runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { eventsOf } from './events.js';
import { readTimeline } from './read-timeline.js';
import { SmallDisk, smallDiskMissing } from './small-disk.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(290_000);

/** Times real time: ten minutes of stream in ten seconds, where the machine keeps up. */
const SPEED = 60;
const TEN_MINUTES = 600;
const PATIENCE_MS = 60_000;

/** A daemon with much to tell, and what it hangs on. */
class OutageRig {
  readonly #address: string;
  readonly #server: InfluxServer;
  readonly #t: Test;
  #nOutages = 0;

  private constructor(t: Test, address: string, server: InfluxServer) {
    this.#t = t;
    this.#address = address;
    this.#server = server;
  }

  static async start(t: Test, server: InfluxServer, url: string, passwordFile: string): Promise<OutageRig> {
    const folder = temporaryFolder(t);
    const adapter = {
      kind: 'synthetic',
      nChannels: 2,
      sampleRate: 128,
      startTimeMicros: 1_700_000_000_000_000,
    } as const;
    const config = writeConfig(folder, 'outages', {
      detection: { presence: 0.25, confirmSteps: 1 },
      influx: { url, username: ADMIN.username, passwordFile, timeoutSeconds: 1, batchSize: 50 },
      beds: [2, 3].map((seed) => ({
        name: `bed ${seed}`,
        speed: SPEED,
        adapter: { ...adapter, seed },
        montage: ['Fp1-Fp2'],
      })),
    });
    const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')));
    t.teardown(() => daemon.kill());
    const rig = new OutageRig(t, await daemon.ready(), server);
    await rig.untilRecords(4);
    return rig;
  }

  async health(): Promise<HealthReport> {
    return (await (await fetch(new URL('/v1/health', this.#address))).json()) as HealthReport;
  }

  async until(what: string, isSo: (health: HealthReport) => boolean): Promise<HealthReport> {
    const endMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const health = await this.health();
      if (isSo(health)) return health;
      if (performance.now() > endMs) throw new Error(`never ${what}: ${JSON.stringify(health.influx)}`);
      await sleep(100);
    }
  }

  /** Until so many records more are in the timeline. */
  async untilRecords(n: number): Promise<void> {
    const { cursor } = (await this.health()).timeline;
    await this.until(`${n} records more`, ({ timeline }) => timeline.cursor >= cursor + n);
  }

  async untilStreamed(seconds: number): Promise<void> {
    const newest = ({ beds }: HealthReport): number =>
      Math.min(...beds.map(({ newestTimeMicros }) => newestTimeMicros));
    const from = newest(await this.health());
    await this.until(`${seconds} s of stream`, (health) => newest(health) >= from + seconds * 1e6);
  }

  /** InfluxDB fails with that code, and records come all the same. */
  async failing(code: string, n = 5): Promise<void> {
    await this.untilRecords(n);
    const { influx } = await this.until(code, ({ influx: now }) => now?.code === code);
    this.#t.ok((influx?.nBehind ?? 0) > 0, `${code}: ${String(influx?.nBehind)} records wait`);
    await this.until(`an alarm of ${code}`, ({ reasons }) => reasons.some((text) => text.endsWith(`[${code}]`)));
    this.#t.match(
      await openAlarms(this.#address),
      [{ code: 'INFLUX_FAILING', bed: '', priority: 'low', acknowledged: null }],
      'one alarm',
    );
    this.#nOutages++;
  }

  /** InfluxDB takes points again, the alarm is cleared, and InfluxDB has everything, of the alarm too. */
  async recovered(): Promise<void> {
    await this.until('recovered', ({ influx, reasons }) => influx?.code === null && reasons.length === 0);
    const nSteps = 2 * this.#nOutages;
    let stored = await readTimeline(this.#address);
    // An alarm that is over is told at once, and its record follows.
    for (let i = 0; i < 50 && alarmSteps(stored).length < nSteps; i++) {
      await sleep(100);
      stored = await readTimeline(this.#address);
    }
    const { cursor } = stored.at(-1)!;
    const { influx } = await this.until('caught up', ({ influx: now }) => (now?.cursor ?? 0) >= cursor);
    const held = (await influxRecords(this.#server)).filter((record) => record.cursor <= cursor);
    this.#t.comment(`${stored.length} records stored, ${eventsOf(stored).length} of them events; ${held.length} held`);
    this.#t.equal(held.length, stored.length, 'equal counts');
    this.#t.strictSame(held, stored, 'equal fields');
    this.#t.match(influx, { nMissed: 0, nUnreadable: 0 });
    this.#t.same(
      alarmSteps(stored),
      Array.from({ length: this.#nOutages }, () => ['INFLUX_FAILING raised', 'INFLUX_FAILING cleared']).flat(),
      'one alarm for each outage, raised and cleared',
    );
  }
}

/** Alarms that were raised and cleared, in that order. */
function alarmSteps(records: readonly TimelineMessage[]): readonly string[] {
  return records.flatMap((record) =>
    record.type === 'alarm' && record.kind === 'technical' && record.what !== 'changed'
      ? `${record.code} ${record.what}`
      : [],
  );
}

function passwordIn(t: Test): string {
  const path = join(temporaryFolder(t), 'password');
  writeFileSync(path, ADMIN.password);
  return path;
}

t.test(
  'stopped for ten minutes of a fast stream, another password, a network that swallows all',
  { skip: influxMissing },
  async (t) => {
    const server = await InfluxServer.start(t);
    const proxy = await BlackHoleProxy.start(t, server.port);
    const passwordFile = passwordIn(t);
    const rig = await OutageRig.start(t, server, proxy.url, passwordFile);
    await rig.recovered();

    await server.stop('SIGKILL');
    const startMs = performance.now();
    await rig.untilStreamed(TEN_MINUTES);
    t.comment(`${TEN_MINUTES} s of stream without InfluxDB in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
    await rig.failing('SINK_INFLUX_UNREACHABLE');
    await server.start();
    await rig.recovered();

    await server.setPassword('another one');
    await rig.failing('SINK_INFLUX_CREDENTIALS');
    writeFileSync(passwordFile, 'another one');
    await rig.recovered();

    proxy.mode = 'swallow';
    await rig.failing('SINK_INFLUX_UNREACHABLE');
    proxy.mode = 'pass';
    await rig.recovered();
  },
);

t.test('the disk of InfluxDB is full', { skip: influxMissing || smallDiskMissing }, async (t) => {
  const disk = new SmallDisk(t, 64);
  const server = await InfluxServer.start(t, disk.folder);
  const rig = await OutageRig.start(t, server, server.url, passwordIn(t));
  await rig.recovered();
  disk.fill();
  await rig.failing('SINK_INFLUX_UNREACHABLE');
  disk.free();
  // Having met a full disk once, InfluxDB 1.6 refuses points until it is started again.
  await server.stop();
  await server.start();
  await rig.recovered();
});
