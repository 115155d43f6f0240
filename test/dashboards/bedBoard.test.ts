import t from 'tap';
import { BedBoard } from '../../dashboards/web/bedBoard.js';
import type { BedInfo } from '../../daemon/protocol/messages.js';

const START_MICROS = 1.8e15;

function infoOf(bed: string, more: Partial<BedInfo>): BedInfo {
  return {
    bed,
    source: 'made up',
    synthetic: false,
    state: 'streaming',
    stateText: '',
    derivations: ['F7-T7', 'T7-P7'],
    sampleRate: 256,
    profiles: [{ name: 'slow', rowHz: 0.125, hopSeconds: 0.25 }],
    startTimeMicros: START_MICROS,
    newestTimeMicros: START_MICROS + 10e6,
    newestAgeMs: 50,
    speed: 1,
    ...more,
  };
}

void t.test('a bed that is still waited for does not make the others look alive, nor begin anew', async (t) => {
  const waiting = { state: 'starting', derivations: [], newestTimeMicros: 0, newestAgeMs: -1 } as const;
  let nAnswers = 0;
  const board = new BedBoard({
    readTimeline: () => Promise.resolve([]),
    readSpectrogram: () => Promise.reject(new Error('none here')),
    readBeds: () => {
      nAnswers++;
      return Promise.resolve([infoOf('Bed 1', {}), infoOf('Bed 2', waiting)]);
    },
    onBedsChanged: () => undefined,
  });
  const startMs = performance.now();
  board.take(
    {
      type: 'hello',
      protocol: 1,
      version: '0',
      demonstration: false,
      serverTimeMicros: START_MICROS + 10e6,
      cursor: 0,
      heartbeatSeconds: 3,
      beds: [infoOf('Bed 1', {}), infoOf('Bed 2', waiting)],
    },
    startMs,
  );
  const column = {
    type: 'spectrogram',
    bed: 'Bed 1',
    profile: 'slow',
    column: 44,
    timeMicros: START_MICROS + 11e6,
    rowHz: 0.125,
    hopSeconds: 0.25,
    decibels: new Uint8Array(2 * 128),
  } as const;
  board.take(column, startMs + 1000);
  for (const afterMs of [1100, 2200, 3300]) {
    board.refresh(startMs + afterMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.equal(nAnswers, 3);
  const bed = board.beds.get('Bed 1');
  t.equal(bed?.clockSeconds, 11, 'it did not begin anew');
  t.ok(bed?.ring !== undefined, 'and kept its columns');
  t.equal(bed?.freshness(startMs + 2200, true), 'fresh');
  t.equal(bed?.freshness(startMs + 2400, true), 'stale', '1.3 s after its newest column');
});
