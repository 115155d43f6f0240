import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { ELECTRODES_10_20 } from '../../adapters/synthetic/electrodes.js';
import { Random } from '../../adapters/synthetic/random.js';
import { SyntheticSignal } from '../../adapters/synthetic/signal.js';
import { Pusher, Subscriber } from '../../daemon/client/node.js';
import type { ConfigInput } from '../../daemon/config/schema.js';
import type { HealthReport } from '../../daemon/health.js';
import {
  isTimelineMessage,
  SUBPROTOCOL_JSON,
  SUBPROTOCOL_MSGPACK,
  type TimelineMessage,
} from '../../daemon/protocol/messages.js';
import type { RecordingEntry } from '../../daemon/recording/recorder.js';
import { startCyton } from '../adapters/cyton-rig.js';
import { chirpd } from '../daemon/cli/chirpd.js';
import { influxRecords } from '../daemon/influx/influx-records.js';
import { ADMIN, influxMissing, InfluxServer } from '../daemon/influx/influx-server.js';
import { BusyBeds } from '../e2e/busy-beds.js';
import { runArguments } from '../e2e/config-file.js';
import { DaemonProcess } from '../e2e/daemon-process.js';
import { eventsOf } from '../e2e/events.js';
import { readTimeline } from '../e2e/read-timeline.js';
import { StreamSubscriber } from '../e2e/stream-subscriber.js';
import { temporaryFolder } from '../e2e/temporary-folder.js';
import { until } from '../until.js';
import { freePort } from '../free-port.js';

/** `npm run torture` makes it 1,000. */
const N_KILLS = Number(process.env['CHIRPD_TEST_KILLS'] ?? 50);
const seed = Number(process.env['CHIRPD_TEST_SEED'] ?? Date.now() % 1_000_000);
/** A report as JSON goes there. */
const REPORT = process.env['CHIRPD_TORTURE_JSON'];

/** So many lives play the same files; then others begin. */
const LIVES_OF_A_GROUP = 4;
/** Killed before it is ready; more on a slow machine, where those of `npm test` must end in time. */
const SHARE_EARLY = 0.2;
const ALL_LIVES_MS = REPORT === undefined ? 210_000 : Infinity;
/** Of the others, killed soon after some event, when commits and messages are under way; the rest at any moment. */
const SHARE_AFTER_EVENT = 0.5;
const LONGEST_LIFE_MS = 1500;
const LONGEST_WAIT_MS = 2500;
const INFLUX_DIES_EVERY = 10;
/** What a daemon may complain of after a SIGKILL, or with its InfluxDB down. */
const EXPECTED = /Recording that was not closed repaired|Recording without a whole record deleted|InfluxDB/;
const CATCH_UP_MS = 120_000;
const PUSHED = 'pushed';
const PUSH_RATE = 128;
const N_PUSHED = 4;

t.setTimeout(180_000 + N_KILLS * 12_000);

async function ask<Body>(address: string, path: string): Promise<Body> {
  return (await (await fetch(new URL(path, address))).json()) as Body;
}

t.test(`${N_KILLS} times SIGKILL: nothing missing, nothing twice, anywhere`, { skip: influxMissing }, async (t) => {
  t.comment(`CHIRPD_TEST_SEED=${seed}`);
  const startMs = performance.now();
  const random = new Random(seed, 'kills');
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, ADMIN.password);
  const influx = await InfluxServer.start(t);
  const cyton = await startCyton();
  t.teardown(() => cyton.stop());
  const port = await freePort();
  const address = `http://127.0.0.1:${port}/`;
  const files = new BusyBeds(folder);
  const configOf = (group: number): string => {
    const path = files.config(group, random.uniform() < 0.5 ? 'max' : 20);
    const config = JSON.parse(readFileSync(path, 'utf8')) as ConfigInput;
    const more: ConfigInput = {
      ...config,
      server: { port },
      influx: { url: influx.url, username: ADMIN.username, passwordFile, batchSize: 20 },
      recording: { folder: join(folder, 'recordings') },
      beds: [
        ...config.beds,
        { name: PUSHED, adapter: { kind: 'push', resumeSeconds: 120 } },
        { name: 'cyton', adapter: { kind: 'cyton', port: cyton.options.port } },
      ],
    };
    writeFileSync(path, JSON.stringify(more));
    return path;
  };

  const packed = new StreamSubscriber(SUBPROTOCOL_MSGPACK);
  const json = new StreamSubscriber(SUBPROTOCOL_JSON);
  const followed: TimelineMessage[] = [];
  const follower = new Subscriber({ url: address, topics: ['events', 'alarms'], since: 0, longestRetryMs: 500 });
  follower.messages$.subscribe({
    next: (message) => {
      if (isTimelineMessage(message)) followed.push(message);
    },
    error: (error: unknown) => {
      t.fail(`the client gave up: ${String(error)}`);
    },
  });
  const pusher = new Pusher({
    url: address,
    bed: PUSHED,
    channels: ELECTRODES_10_20.slice(0, N_PUSHED).map(({ label }) => label),
    sampleRate: PUSH_RATE,
    source: 'made up',
    startTimeMicros: Date.UTC(2026, 1, 3) * 1000,
  });
  const signal = new SyntheticSignal({ seed: 7, nChannels: N_PUSHED, sampleRate: PUSH_RATE, chirps: true });
  let isPushing = true;
  const pushing = (async (): Promise<void> => {
    while (isPushing) {
      await pusher.room();
      pusher.send(signal.next(PUSH_RATE / 2));
      await sleep(100);
    }
  })();
  t.teardown(() => {
    isPushing = false;
    follower.close();
    pusher.abort();
  });

  /** End of what each file of a recording was said to hold on disk. */
  const recorded = new Map<string, number>();
  const complaints: string[] = [];
  const endMs = startMs + ALL_LIVES_MS;
  let nEarly = 0;
  for (let life = 0; life < N_KILLS; life++) {
    const daemon = new DaemonProcess(runArguments(configOf(Math.floor(life / LIVES_OF_A_GROUP)), data));
    t.teardown(() => daemon.kill());
    let isInfluxDown = false;
    const influxDies = life % INFLUX_DIES_EVERY === INFLUX_DIES_EVERY - 1;
    const isLate = (endMs - performance.now()) / (N_KILLS - life) < LONGEST_WAIT_MS;
    if (random.uniform() < (isLate ? 1 - SHARE_EARLY : SHARE_EARLY)) {
      nEarly++;
      await sleep(random.between(0, 1200));
    } else {
      await daemon.ready();
      packed.follow(address);
      json.follow(address);
      if (random.uniform() < SHARE_AFTER_EVENT) {
        const nWanted = packed.nEvents + random.whole(1, 12);
        await packed.until(() => packed.nEvents >= nWanted, LONGEST_WAIT_MS);
      } else await sleep(random.between(0, LONGEST_LIFE_MS));
      const { recordings } = await ask<{ recordings: readonly RecordingEntry[] }>(address, '/v1/recordings');
      for (const { file, endTimeMicros } of recordings) recorded.set(file, endTimeMicros);
      if (influxDies) {
        await influx.stop('SIGKILL');
        isInfluxDown = true;
      }
      await sleep(random.between(0, 60));
    }
    const { signal: name } = await daemon.kill();
    if (name !== 'SIGKILL') t.fail(`life ${life} ended by itself:\n${daemon.stderr}`);
    if (isInfluxDown) await influx.start();
    await Promise.all([packed.closed(), json.closed()]);
    complaints.push(...daemon.complaints().filter((line) => !EXPECTED.test(line)));
    process.stderr.write(`${life + 1} of ${N_KILLS} kills, cursor ${packed.cursor}\n`);
  }

  isPushing = false;
  const daemon = new DaemonProcess(runArguments(configOf(Math.ceil(N_KILLS / LIVES_OF_A_GROUP)), data));
  t.teardown(() => daemon.kill());
  await daemon.ready();
  packed.follow(address);
  json.follow(address);
  await pushing;
  await pusher.acknowledged();
  const stored = await readTimeline(address);
  const newest = stored.at(-1)!.cursor;
  const reaches = async (): Promise<boolean> => {
    const { influx: report } = await ask<HealthReport>(address, '/v1/health');
    const cursors = [packed.cursor, json.cursor, followed.at(-1)?.cursor ?? 0, report?.cursor ?? 0];
    return cursors.every((cursor) => cursor >= newest);
  };
  await until(reaches, 'everybody to be up to date', CATCH_UP_MS);
  const upTo = (messages: readonly TimelineMessage[]): readonly TimelineMessage[] =>
    messages.filter(({ cursor }) => cursor <= newest);
  const heard = { MessagePack: upTo(packed.heard), JSON: upTo(json.heard), client: upTo(followed) };
  const held = upTo(await influxRecords(influx));
  const { recordings } = await ask<{ recordings: readonly RecordingEntry[] }>(address, '/v1/recordings');
  const kept = new Map(recordings.map(({ file, endTimeMicros }) => [file, endTimeMicros]));
  t.equal((await daemon.kill()).signal, 'SIGKILL');
  follower.close();

  const events = eventsOf(stored);
  t.strictSame(
    stored.map(({ cursor }) => cursor),
    stored.map((_, i) => i + 1),
    'cursors rise by one',
  );
  t.ok(events.length > N_KILLS, `${events.length} events`);
  t.equal(new Set(events.map(({ id, revision }) => `${id}:${revision}`)).size, events.length, 'each telling once');
  for (const [name, messages] of Object.entries(heard)) t.strictSame(messages, stored, `${name}: all, once, in order`);
  t.strictSame(held, stored, 'InfluxDB holds exactly the timeline');
  const short = [...recorded].filter(([file, end]) => (kept.get(file) ?? 0) < end);
  t.strictSame(short, [], `${recorded.size} recordings hold what was said to be on disk`);
  const ofPushed = stored.filter(({ bed }) => bed === PUSHED);
  const gaps = ofPushed.filter(({ type }) => type === 'gap');
  t.strictSame(gaps, [], 'the pushed bed has lost no sample');
  t.ok(eventsOf(ofPushed).length > 0, 'and it had events');
  t.strictSame(complaints, [], 'no life complained of anything else');
  t.match(await chirpd(['timeline', 'verify', '--data', data]), { code: 0 });
  const report = {
    ...{ seed, nKills: N_KILLS, nEarly, seconds: Math.round((performance.now() - startMs) / 1000) },
    ...{ nRecords: stored.length, nEvents: events.length, nHeldByInfluxDB: held.length },
    heard: Object.fromEntries(Object.entries(heard).map(([name, messages]) => [name, messages.length])),
    ...{ nRecordings: recorded.size, nShortRecordings: short.length, nGapsOfPushedBed: gaps.length },
  };
  t.comment(JSON.stringify(report));
  if (REPORT !== undefined) writeFileSync(REPORT, `${JSON.stringify(report, undefined, 2)}\n`);
});
