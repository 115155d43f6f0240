import t from 'tap';
import type { AlarmMessage, EventMessage, GapMessage } from '../../daemon/protocol/messages.js';
import { BedHistories } from '../../dashboards/web/bedHistories.js';
import { BedMarks } from '../../dashboards/web/bedMarks.js';

const START = 1_700_000_000_000_000;

function telling(id: string, onset: number, more: Partial<EventMessage> = {}): EventMessage {
  return {
    type: 'event',
    cursor: 1,
    id,
    revision: 0,
    bed: 'A',
    phase: 'onset',
    onsetSeconds: onset,
    offsetSeconds: onset + 10,
    onsetTimeMicros: START + onset * 1e6,
    offsetTimeMicros: START + (onset + 10) * 1e6,
    startFrequencyHz: 8,
    middleFrequencyHz: 6,
    endFrequencyHz: 5,
    sweep: 'linear',
    rateHzPerSecond: -0.3,
    score: 0.9,
    spreads: { onsetSeconds: 1, offsetSeconds: 1, startFrequencyHz: 1, endFrequencyHz: 1 },
    derivations: [{ label: 'F7-T7', score: 0.9 }],
    profile: 'slow',
    model: { name: 'm', sha256: '', adapter: '', adapterSha256: '' },
    newestSampleSeconds: onset + 12,
    newestSampleTimeMicros: START + (onset + 12) * 1e6,
    toldTimeMicros: START + (onset + 12) * 1e6,
    delayMs: 1,
    ...more,
  };
}

const all = (marks: BedMarks, clock: number): string[] =>
  marks.chirpsIn(START, START + 1e12, START + clock * 1e6).map(({ id }) => id);

t.test('each chirp once, by its newest telling, in whichever order they come', (t) => {
  const marks = new BedMarks();
  const end = telling('x', 100, {
    revision: 2,
    phase: 'offset',
    endFrequencyHz: 3,
    newestSampleTimeMicros: START + 130e6,
  });
  for (const message of [end, telling('x', 100), telling('x', 100, { revision: 1 }), end]) marks.take(message);
  const found = marks.chirpsIn(START, START + 1e12, START + 200e6);
  t.equal(found.length, 1);
  t.match(found[0], { id: 'x', revision: 2, endHz: 3, sides: ['left'] });
  t.strictSame(all(marks, 111), [], 'nobody knows of it before its first telling');
  t.strictSame(all(marks, 112), ['x']);
  t.strictSame(marks.chirpsIn(START, START + 99e6, START + 1e12), [], 'not in this span');
  t.end();
});

t.test("a ridge that turns out to be another chirp's is none; derivations of neither side are of both", (t) => {
  const marks = new BedMarks();
  marks.take(telling('x', 100, { derivations: [{ label: 'Fz-Cz', score: 1 }] }));
  t.strictSame(marks.chirpsIn(START, START + 1e12, START + 1e12)[0]?.sides, ['left', 'right']);
  marks.take(telling('x', 100, { revision: 1, mergedInto: 'y', newestSampleTimeMicros: START + 150e6 }));
  t.strictSame(all(marks, 149), ['x']);
  t.strictSame(all(marks, 150), []);
  t.end();
});

t.test('alarms by their newest step; gaps once', (t) => {
  const marks = new BedMarks();
  const step = (cursor: number, what: AlarmMessage['what'], more: Partial<AlarmMessage> = {}): AlarmMessage => ({
    ...{ type: 'alarm', bed: 'A', id: 'a', code: 'NO_DATA', kind: 'technical', priority: 'medium', text: 'no data' },
    ...{ raisedTimeMicros: START, timeMicros: START + cursor * 1e6, cursor, what },
    ...more,
  });
  marks.take(step(9, 'cleared'));
  marks.take(step(5, 'raised'));
  t.match([...marks.alarms.values()], [{ fromMicros: START, toMicros: START + 9e6 }], 'the older step came later');
  marks.take(step(11, 'changed', { priority: 'high' }));
  t.match([...marks.alarms.values()], [{ priority: 'high', toMicros: undefined }]);
  const gap: GapMessage = {
    ...{ type: 'gap', cursor: 3, bed: 'A', reason: 'lost' as never },
    ...{ onsetTimeMicros: START, offsetTimeMicros: START + 5e6 },
  };
  marks.take(gap);
  marks.take(gap);
  t.equal(marks.gaps.size, 1);
  t.end();
});

t.test('marks are read back piece by piece, the newest first, and again after trouble', async (t) => {
  const pieces: [number, number][] = [];
  let isAway = true;
  const histories = new BedHistories({
    readHistory: () => Promise.resolve(undefined),
    readTimeline: (_, from, to) => {
      pieces.push([from, to]);
      if (isAway) return Promise.reject(new Error('away'));
      return Promise.resolve([telling(String(from), (from - START) / 1e6 + 5)]);
    },
  });
  const edge = START + 24 * 3600e6;
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
  histories.readMarks('A', edge - 2 * 3600e6, edge, 0);
  await settle();
  t.equal(histories.marksFromMicros('A'), undefined);
  isAway = false;
  for (let i = 1; i <= 4; i++) {
    histories.readMarks('A', edge - 2 * 3600e6, edge, performance.now() + 10_000);
    await settle();
  }
  t.strictSame(pieces, [
    [edge - 3600e6, edge],
    [edge - 3600e6, edge],
    [edge - 2 * 3600e6, edge - 3600e6],
  ]);
  t.equal(histories.marksFromMicros('A'), edge - 2 * 3600e6);
  t.equal(histories.marks('A').chirpsIn(START, edge, edge).length, 2);
  histories.forgetTimeline();
  t.equal(histories.marks('A').chirpsIn(START, edge, edge).length, 0, 'another timeline');
});
