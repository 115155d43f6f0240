import t from 'tap';
import { markedQueue } from '../../../daemon/replays/marked-queue.js';
import { replayOf } from '../../../daemon/protocol/messages.js';
import type { TimelineDraft } from '../../../daemon/timeline/record.js';
import { influxRecords } from './influx-records.js';
import { influxMissing, InfluxServer } from './influx-server.js';
import { BEDS, drafts, Rig, trends } from './rig.js';

t.setTimeout(60_000);

/** What a replay of the same beds tells. */
function replayed(live: readonly TimelineDraft[]): readonly TimelineDraft[] {
  const found: TimelineDraft[] = [];
  const queue = { add: (draft: TimelineDraft) => void found.push(draft), settled: () => Promise.resolve() };
  for (const draft of live) {
    const renamed = { ...draft.content, bed: `Replay 0badcafe: ${draft.content.bed}` };
    markedQueue(queue, { id: '0badcafe', run: 1 }).add({ ...draft, content: renamed });
  }
  return found;
}

t.test('what replays tell stays out of InfluxDB', { skip: influxMissing }, async (t) => {
  const server = await InfluxServer.start(t);
  const rig = await Rig.open(t, { url: server.url, batchSize: 10 });
  const forwarder = rig.start();
  for (let i = 0; i < 30; i += 5) {
    const live = drafts(i, 5);
    await rig.append([...live.slice(0, 10), ...replayed(live), ...live.slice(10)]);
  }
  // Whole batches of them, too.
  await rig.append(replayed(drafts(30, 10)));
  await rig.current();
  const messages = rig.messages();
  const live = messages.filter((message) => replayOf(message) === undefined);
  t.equal(messages.length, 2 * live.length + 70);
  t.strictSame(await influxRecords(server, rig.config.database), live);
  t.match(forwarder.report(), { nBehind: 0, nMissed: 0, nUnreadable: 0, cursor: messages.at(-1)?.cursor });

  const mark = { id: '0badcafe', run: 1 };
  const bed = 'Replay 0badcafe: Bed 1';
  rig.hub.addBed({ name: bed, info: () => ({ ...rig.hub.beds()[0]!, bed, replay: mark }) });
  for (let second = 0; second < 25; second++) {
    rig.hub.publish({ ...trends(BEDS[0], second), bed });
    rig.hub.publish(trends(BEDS[0], second));
  }
  await forwarder.stop();
  const rows = await server.query('SELECT * FROM trends');
  t.ok(rows.length > 0);
  t.ok(rows.every((row) => row['bed'] === BEDS[0]));
});
