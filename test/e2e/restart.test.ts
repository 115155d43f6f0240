import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Random } from '../../adapters/synthetic/random.js';
import type { EventMessage } from '../../daemon/protocol/messages.js';
import { eventsOf, withoutWallClock } from './events.js';
import { PushedRun } from './pushed-run.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(290_000);

const SECONDS = 420;
const N_KILLS = 20;
const seed = Number(process.env['CHIRPD_TEST_SEED'] ?? Date.now() % 1_000_000);

t.test('killed 20 times, and it tells what it would have told', async (t) => {
  t.comment(`CHIRPD_TEST_SEED=${seed}`);
  const undisturbed = await PushedRun.start(t, temporaryFolder(t), { seed: 7, seconds: SECONDS });
  await undisturbed.push();
  const expected = eventsOf(await undisturbed.finish());
  t.strictSame(undisturbed.complaints, []);

  const random = new Random(seed, 'kills');
  const killed = await PushedRun.start(t, temporaryFolder(t), { seed: 7, seconds: SECONDS });
  const pushed = killed.push();
  let nKills = 0;
  let nMidChirp = 0;
  for (; nKills < N_KILLS; nKills++) {
    const address = await killed.daemon.ready();
    await sleep(random.between(0, 1600));
    nMidChirp += await nRunning(address);
    await killed.restart();
  }
  await pushed;
  const records = await killed.finish();
  const told = eventsOf(records);

  t.comment(`${expected.length} events; ${nMidChirp} of ${nKills} kills in the middle of a chirp`);
  t.ok(expected.length > 20, `${expected.length} events`);
  t.ok(nMidChirp > 0, 'some kills fell into a chirp');
  t.strictSame(withoutWallClock(told), withoutWallClock(expected), 'the same events, in the same order');
  t.strictSame(
    records.filter(({ type }) => type === 'gap'),
    [],
    'not a sample is missing',
  );
  t.equal(records.filter((record) => record.type === 'stream' && record.what === 'start').length, 1, 'one stream');
  t.strictSame(killed.complaints, [], 'nothing to complain of');
});

/** Chirps that have been told and have not ended. */
async function nRunning(address: string): Promise<number> {
  const { records } = (await (await fetch(new URL('/v1/events?after=0&limit=1000', address))).json()) as {
    readonly records: readonly EventMessage[];
  };
  const newest = new Map(records.filter(({ type }) => type === 'event').map((event) => [event.id, event]));
  return [...newest.values()].some(({ phase }) => phase !== 'offset') ? 1 : 0;
}
