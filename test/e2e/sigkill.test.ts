import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Random } from '../../adapters/synthetic/random.js';
import { SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK, type EventMessage } from '../../daemon/protocol/messages.js';
import { BusyBeds } from './busy-beds.js';
import { runArguments } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { eventsOf } from './events.js';
import { readTimeline } from './read-timeline.js';
import { StreamSubscriber } from './stream-subscriber.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(290_000);

const N_LIVES = 50;
/** Lives that share beds: what one of them told, the next replays again. */
const LIVES_OF_A_GROUP = 2;
/** A life waits this long for new events at most. */
const LONGEST_WAIT_MS = 2500;
/** Share of the lives that are killed while they start; more on a slow machine, where all together must end in time. */
const KILLED_EARLY = 0.15;
const ALL_LIVES_MS = 210_000;

const seed = Number(process.env['CHIRPD_TEST_SEED'] ?? Date.now() % 1_000_000);

t.test('50 times SIGKILL: what anybody has heard of is in the timeline, once', async (t) => {
  t.comment(`CHIRPD_TEST_SEED=${seed}`);
  const random = new Random(seed, 'kills');
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  const busyBeds = new BusyBeds(folder);
  const subscribers = ([SUBPROTOCOL_MSGPACK, SUBPROTOCOL_JSON] as const).map(
    (subprotocol) => new StreamSubscriber(subprotocol),
  );
  const [first, second] = subscribers as [StreamSubscriber, StreamSubscriber];
  const nEventsOfLives: number[] = [];
  const complaints: string[] = [];
  const endMs = performance.now() + ALL_LIVES_MS;
  let startMs = 1500;

  for (let life = 0; life < N_LIVES; life++) {
    const path = busyBeds.config(Math.floor(life / LIVES_OF_A_GROUP), random.uniform() < 0.5 ? 'max' : 20);
    const nBefore = first.nEvents;
    const bornMs = performance.now();
    const daemon = new DaemonProcess(runArguments(path, data));
    t.teardown(() => daemon.kill());
    const shareMs = (endMs - bornMs) / (N_LIVES - life);
    const affordable = (shareMs - startMs / 2) / (startMs / 2 + LONGEST_WAIT_MS);
    if (random.uniform() > Math.min(1 - KILLED_EARLY, affordable)) {
      await sleep(random.between(0, startMs));
    } else {
      const address = await daemon.ready();
      startMs = performance.now() - bornMs;
      for (const subscriber of subscribers) subscriber.follow(address);
      // Soon after some event, so that commits and messages are under way; how soon and which one is random.
      const nWanted = nBefore + random.whole(1, 12);
      await first.until(() => first.nEvents >= nWanted, LONGEST_WAIT_MS);
      await sleep(random.between(0, 150));
    }
    const { signal } = await daemon.kill();
    if (signal !== 'SIGKILL') t.fail(`life ${life} ended by itself:\n${daemon.stderr}`);
    for (const subscriber of subscribers) await subscriber.closed();
    complaints.push(...daemon.complaints());
    nEventsOfLives.push(first.nEvents - nBefore);
  }

  const daemon = new DaemonProcess(runArguments(busyBeds.config(N_LIVES, 1), data));
  t.teardown(() => daemon.kill());
  const address = await daemon.ready();
  const stored = await readTimeline(address);
  t.equal((await daemon.kill()).signal, 'SIGKILL');
  complaints.push(...daemon.complaints());

  t.comment(`events heard in each life: ${nEventsOfLives.join(' ')}`);
  t.comment(`heard ${first.nEvents} and ${second.nEvents} events, ${eventsOf(stored).length} stored`);
  t.ok(first.nEvents >= 50, `${first.nEvents} events were heard`);
  t.ok(nEventsOfLives.filter((n) => n > 0).length >= N_LIVES / 5, 'many kills fell after first events');
  t.strictSame(complaints, [], 'no life had anything to complain of, other content under a known key included');

  t.strictSame(
    stored.map(({ cursor }) => cursor),
    stored.map((_, i) => i + 1),
    'cursors rise by one',
  );
  const keys = eventsOf(stored).map(telling);
  t.equal(new Set(keys).size, keys.length, 'each telling is stored once');
  for (const [name, subscriber] of [
    ['MessagePack', first],
    ['JSON', second],
  ] as const) {
    const { heard } = subscriber;
    t.strictSame(heard, stored.slice(0, heard.length), `${name}: all was heard, in order, none twice, as it is stored`);
  }
});

function telling({ id, revision }: EventMessage): string {
  return `${id}:${revision}`;
}
