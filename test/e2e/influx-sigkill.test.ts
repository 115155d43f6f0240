import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Random } from '../../adapters/synthetic/random.js';
import type { ConfigInput } from '../../daemon/config/schema.js';
import type { HealthReport } from '../../daemon/health.js';
import type { TimelineMessage } from '../../daemon/protocol/messages.js';
import { influxRecords } from '../daemon/influx/influx-records.js';
import { ADMIN, influxMissing, InfluxServer } from '../daemon/influx/influx-server.js';
import { BusyBeds } from './busy-beds.js';
import { runArguments } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { eventsOf } from './events.js';
import { readTimeline } from './read-timeline.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(290_000);

/** 20 take two minutes: CHIRPD_TEST_KILLS=20. */
const N_LIVES = Number(process.env['CHIRPD_TEST_KILLS'] ?? 6);
/** Each of these lives InfluxDB is killed as well. */
const INFLUX_DIES_EVERY = 3;
const LONGEST_LIFE_MS = 2500;

const seed = Number(process.env['CHIRPD_TEST_SEED'] ?? Date.now() % 1_000_000);

t.test(`${N_LIVES} times SIGKILL: InfluxDB holds the timeline`, { skip: influxMissing }, async (t) => {
  t.comment(`CHIRPD_TEST_SEED=${seed}`);
  const random = new Random(seed, 'kills');
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, ADMIN.password);
  const server = await InfluxServer.start(t);
  const busyBeds = new BusyBeds(folder);
  const influx = { url: server.url, username: ADMIN.username, passwordFile, batchSize: 10 };
  const withInflux = (path: string): string => {
    const config = JSON.parse(readFileSync(path, 'utf8')) as ConfigInput;
    writeFileSync(path, JSON.stringify({ ...config, influx } satisfies ConfigInput));
    return path;
  };
  const complaints: string[] = [];
  const nHeldAfter: number[] = [];

  for (let life = 0; life < N_LIVES; life++) {
    const path = withInflux(busyBeds.config(life, 'max'));
    const daemon = new DaemonProcess(runArguments(path, data));
    t.teardown(() => daemon.kill());
    await daemon.ready();
    await sleep(random.between(0, LONGEST_LIFE_MS));
    const influxDies = life % INFLUX_DIES_EVERY === 1;
    if (influxDies) {
      await server.stop('SIGKILL');
      await sleep(random.between(0, 300));
    }
    const { signal } = await daemon.kill();
    if (signal !== 'SIGKILL') t.fail(`life ${life} ended by itself:\n${daemon.stderr}`);
    if (influxDies) await server.start();
    else complaints.push(...daemon.complaints());
    nHeldAfter.push((await influxRecords(server)).length);
  }

  const daemon = new DaemonProcess(runArguments(withInflux(busyBeds.config(N_LIVES, 'max')), data));
  t.teardown(() => daemon.kill());
  const address = await daemon.ready();
  const stored = await caughtUp(address);
  const held = (await influxRecords(server)).filter(({ cursor }) => cursor <= stored.at(-1)!.cursor);
  t.equal((await daemon.kill()).signal, 'SIGKILL');
  complaints.push(...daemon.complaints());

  t.comment(`records held after each life: ${nHeldAfter.join(' ')}`);
  t.comment(`${stored.length} records stored, ${eventsOf(stored).length} of them events; ${held.length} held`);
  t.ok(eventsOf(stored).length > 20, `${eventsOf(stored).length} events`);
  t.equal(held.length, stored.length, 'equal counts');
  t.strictSame(held, stored, 'equal fields');
  t.strictSame(complaints, [], 'no life had anything to complain of');
});

/** The timeline so far, when InfluxDB has it. */
async function caughtUp(address: string): Promise<readonly TimelineMessage[]> {
  const stored = await readTimeline(address);
  const { cursor } = stored.at(-1)!;
  for (let i = 0; i < 600; i++) {
    const { influx } = (await (await fetch(new URL('/v1/health', address))).json()) as HealthReport;
    if (influx !== null && influx.cursor >= cursor && influx.code === null) return stored;
    await sleep(50);
  }
  throw new Error(`InfluxDB does not get to ${cursor}`);
}
