import t from 'tap';
import { Conditions, type ConditionSources } from '../../../daemon/alarms/conditions.js';
import { RisingCount } from '../../../daemon/alarms/rising-count.js';
import type { InfluxReport } from '../../../daemon/influx/influx-report.js';
import type { BedInfo } from '../../../daemon/protocol/messages.js';

const BED: BedInfo = {
  ...{ bed: 'Bed 1', source: 'made up', synthetic: false, state: 'streaming', stateText: '', speed: 1 },
  ...{
    derivations: [],
    sampleRate: 256,
    profiles: [],
    startTimeMicros: 1,
    newestTimeMicros: 1,
    newestAgeMs: 100,
  },
};

const INFLUX: InfluxReport = {
  ...{ state: 'current', text: 'up to date', code: null, failure: '', failingSinceMicros: 0, cursor: 7 },
  ...{ nBehind: 0, nQueued: 0, nDropped: 0, nTooOld: 0, nUnreadable: 0, nMissed: 0 },
};

function codes(sources: Partial<ConditionSources>): readonly string[] {
  return new Conditions({ beds: () => [], ...sources }).now().map(({ code, bed = '' }) => `${code} ${bed}`.trim());
}

t.test('nothing is wrong', (t) => {
  t.same(codes({ beds: () => [BED], influx: () => INFLUX, appendQueue: { failure: '', nLost: 0 } }), []);
  t.end();
});

t.test('each thing that can be wrong has its code', (t) => {
  const bed = (more: Partial<BedInfo>): Partial<ConditionSources> => ({ beds: () => [{ ...BED, ...more }] });
  t.same(codes(bed({ state: 'failed' })), ['BED_FAILED Bed 1']);
  t.same(codes(bed({ state: 'reconnecting' })), ['BED_DEVICE_LOST Bed 1']);
  t.same(codes(bed({ newestAgeMs: 4100 })), ['BED_NO_SAMPLES Bed 1']);
  t.same(codes(bed({ newestAgeMs: 4100, speed: 20 })), [], 'only at the speed of life');
  t.same(codes(bed({ stepsLeftOut: { n: 1, reason: 'the model is behind' } })), ['DETECTION_STEPS_LEFT_OUT Bed 1']);
  t.same(codes({ model: () => [{ code: 'MODEL_NOT_RUNNING', text: 'it died' }] }), ['MODEL_NOT_RUNNING']);
  t.same(codes({ overload: () => [{ code: 'OVERLOADED_TRENDS', text: 'no trends' }] }), ['OVERLOADED_TRENDS']);
  t.same(codes({ memory: () => 'the heap is full' }), ['MEMORY_SHORT']);
  t.same(codes({ disk: () => 'the disk is full' }), ['DISK_FULL']);
  t.same(codes({ appendQueue: { failure: 'the disk is full', nLost: 0 } }), ['TIMELINE_REFUSES']);
  t.same(codes({ appendQueue: { failure: '', nLost: 3 } }), ['TIMELINE_RECORDS_LOST']);
  const failing = { state: 'failing', failure: 'SINK_INFLUX_REFUSED' } as const;
  t.same(codes({ influx: () => ({ ...INFLUX, ...failing }) }), ['INFLUX_FAILING']);
  t.same(codes({ influx: () => ({ ...INFLUX, nMissed: 1 }) }), ['INFLUX_RECORDS_MISSED']);
  t.same(codes({ influx: () => ({ ...INFLUX, nUnreadable: 1 }) }), ['INFLUX_RECORDS_MISSED']);
  const recorded = { bed: 'Bed 2', problem: 'ENOSPC', nSamplesLeftOut: 0, nAnnotationsLost: 0 };
  t.same(codes({ recording: () => ({ nFiles: 1, sizeBytes: 1, beds: [recorded] }) }), ['RECORDING_FAILING Bed 2']);
  t.same(codes({ histories: () => [{ bed: 'Bed 3', problem: 'ENOSPC' }] }), ['HISTORY_FAILING Bed 3']);
  t.same(codes({ webhooks: () => [{ name: 'pager', problem: 'it is gone' }] }), ['WEBHOOK_FAILING']);
  t.same(codes({ journals: () => [{ bed: 'Bed 3', problem: 'ENOSPC' }] }), ['JOURNAL_FAILING Bed 3']);
  t.end();
});

t.test('what becomes of a replay is no alarm', (t) => {
  const replay: BedInfo = { ...BED, state: 'failed', newestAgeMs: 9000, replay: { id: 'r', session: 's' } as never };
  t.same(codes({ beds: () => [replay] }), []);
  t.end();
});

t.test('a loss is told with its number, and once more when more is lost', (t) => {
  const queue = { failure: '', nLost: 1 };
  const conditions = new Conditions({ beds: () => [], appendQueue: queue });
  t.match(conditions.now(), [{ text: '1 record was lost' }]);
  queue.nLost = 5;
  t.match(conditions.now(), [{ text: '5 records were lost' }]);
  t.end();
});

t.test('a count that has risen is news for a while', (t) => {
  const count = new RisingCount(1000);
  t.equal(count.hasRisen(0, 0), false);
  t.equal(count.hasRisen(1, 10), true);
  t.equal(count.hasRisen(1, 1009), true);
  t.equal(count.hasRisen(1, 1010), false);
  t.equal(count.hasRisen(2, 5000), true);
  t.end();
});
