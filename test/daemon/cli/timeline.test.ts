import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { csvLine } from '../../../daemon/cli/timeline-csv.js';
import type { TimelineMessage } from '../../../daemon/protocol/messages.js';
import { Timeline } from '../../../daemon/timeline/timeline.js';
import { eventDraft, gapDraft } from '../timeline/drafts.js';
import { chirpd } from './chirpd.js';

t.test('exports and verifies, also while a daemon has the timeline open', async (t) => {
  const data = t.testdir();
  const timeline = await Timeline.open(join(data, 'timeline'));
  for (let i = 0; i < 4; i++) await timeline.append(i % 2 === 0 ? gapDraft(i) : eventDraft(i, 'bed-2'));
  const records = timeline.after(0, 10);

  const all = await chirpd(['timeline', 'export', '--data', data]);
  t.match(all, { code: 0, stderr: '4 records\n' });
  const lines = all.stdout.trimEnd().split('\n');
  t.same(
    lines.map((line) => JSON.parse(line) as TimelineMessage),
    records,
  );
  const few = await chirpd(['timeline', 'export', '--data', data, '--type', 'event', '--bed', 'bed-2']);
  t.equal(few.stdout.trimEnd().split('\n').length, 2);
  // Onsets of the events: 10 s and 30 s after 22:13:20.
  const late = await chirpd([
    'timeline',
    'export',
    '--data',
    data,
    '--type',
    'event',
    '--from',
    '2023-11-14T22:13:40Z',
  ]);
  t.match(late, { stderr: '1 records\n', stdout: /bed-2-3/ });

  const csv = join(data, 'out.csv');
  t.match(await chirpd(['timeline', 'export', '--data', data, '--format', 'csv', '--out', csv]), {
    code: 0,
    stdout: '',
  });
  t.match(readFileSync(csv, 'utf8').split('\n'), [
    /^cursor,bed,type,what,time_utc,/,
    '1,bed-1,gap,lost-packets,2023-11-14T22:13:20.000000Z,2023-11-14T22:13:20.500000Z,,,,,,,,',
    '2,bed-2,event,onset,2023-11-14T22:13:30.000000Z,2023-11-14T22:13:42.500000Z,bed-2-1,0,3.25,6,0.875,slow,F7-T7,',
  ]);

  t.match(await chirpd(['timeline', 'verify', '--data', data]), {
    code: 0,
    stdout: /^ok: 4 records, cursors 1 to 4, in /,
  });
  await timeline.append(gapDraft(9));
  t.equal(timeline.newestCursor, 5, 'the daemon goes on');
  await timeline.close();
});

t.test('says what is wrong', async (t) => {
  const data = t.testdir();
  t.match(await chirpd(['timeline', 'verify', '--data', data]), { code: 6, stderr: /no timeline in .*--data/ });
  const timeline = await Timeline.open(join(data, 'timeline'));
  for (let i = 0; i < 200; i++) await timeline.append(gapDraft(i));
  await timeline.close();
  t.match(await chirpd(['timeline', 'export', '--from', 'yesterday']), { code: 2, stderr: /time such as/ });
  truncateSync(join(data, 'timeline', 'data.mdb'), 3 * 4096);
  t.match(await chirpd(['timeline', 'verify', '--data', data]), { code: 6, stderr: /damaged/ });
});

t.test('a table for spreadsheets', (t) => {
  const line = csvLine({
    type: 'stream',
    cursor: 7,
    bed: '=1+2',
    timeMicros: -1,
    what: 'annotation',
    text: 'a "b",\nc',
  });
  t.equal(line, `7,'=1+2,stream,annotation,1969-12-31T23:59:59.999999Z,,,,,,,,,"a ""b"",\nc"\n`);
  t.end();
});
