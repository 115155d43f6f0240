import t from 'tap';
import type { BedInfo } from '../../../daemon/protocol/messages.js';
import { type DaemonLook, Progress } from '../../../daemon/service/progress.js';
import { silenceLimits } from '../../../daemon/service/silence-limits.js';
import { bedsText, isAccountedFor } from '../../../daemon/service/service-status.js';
import { configSchema } from '../../../daemon/config/schema.js';
import { bedInfo } from './bed-info.js';

const MINUTE_MS = 60_000;

/** What it says at each minute, of a daemon that looks the same all the time. */
function minutes(n: number, look: Partial<DaemonLook>): readonly string[] {
  const progress = new Progress({ silenceMs: new Map([['Pushed', 10 * MINUTE_MS]]) });
  const base: DaemonLook = { beds: [], alarms: [], timeline: { cursor: 7, nWaiting: 0 } };
  return Array.from({ length: n }, (_, i) => progress.problem({ ...base, ...look }, 5e6 + i * MINUTE_MS));
}

function isWell(told: readonly string[]): boolean {
  return told.every((text) => text === '');
}

t.test('beds', (t) => {
  const of = (...beds: readonly BedInfo[]): Partial<DaemonLook> => ({ beds });
  t.ok(isWell(minutes(9, of(bedInfo()))), 'samples come');
  const silent = { newestAgeMs: 121_000 };
  t.match(minutes(1, of(bedInfo(silent)))[0], 'ICU 3 neither streams nor reconnects: no sample for 121 s');
  t.ok(isWell(minutes(1, of(bedInfo({ newestAgeMs: 110_000 })))), 'its adapter has time to notice');
  t.ok(isWell(minutes(1, of(bedInfo({ ...silent, bed: 'Pushed' })))), 'one whose adapter waits longer');
  t.ok(isWell(minutes(9, of(bedInfo({ ...silent, state: 'reconnecting' })))), 'it is known, and tried again');
  t.ok(isWell(minutes(9, of(bedInfo({ ...silent, state: 'failed' })))), 'it is known, and told');
  t.ok(isWell(minutes(9, of(bedInfo({ ...silent, state: 'ended' })))));
  const replay = { replay: { id: 'r' } } as unknown as Partial<BedInfo>;
  t.ok(isWell(minutes(9, of(bedInfo({ ...silent, ...replay })))), 'a replay that is paused');
  t.ok(isWell(minutes(9, of(bedInfo({ state: 'starting', stateText: 'waits for its pusher: a program' })))));
  const opening = minutes(9, of(bedInfo({ state: 'starting', stateText: 'opening', newestAgeMs: -1 })));
  t.ok(isWell(opening.slice(0, 6)));
  t.equal(opening[6], 'ICU 3 has been opening for 360 s');
  t.end();
});

t.test('inference and timeline', (t) => {
  const busy = { model: { nBatches: 5, nWaiting: 3 } };
  t.ok(isWell(minutes(9, { model: { nBatches: 5, nWaiting: 0 } })), 'nothing to do');
  t.ok(isWell(minutes(3, busy)));
  t.match(minutes(4, busy)[3], /^the model has answered nothing for 180 s/);
  const known = [{ code: 'MODEL_NOT_RUNNING', text: '' }] as const;
  t.ok(isWell(minutes(9, { ...busy, alarms: known })), 'its fault is an alarm');
  const full = { timeline: { cursor: 7, nWaiting: 2 } };
  t.match(minutes(4, full)[3], /^the timeline has taken nothing for 180 s/);
  t.ok(
    isWell(minutes(9, { ...full, alarms: [{ code: 'TIMELINE_REFUSES', text: '' }] })),
    'the disk is full, and that is told',
  );

  const progress = new Progress({ silenceMs: new Map() });
  for (let i = 0; i < 9; i++) {
    const look = { beds: [], alarms: [], model: { nBatches: i, nWaiting: 30 }, timeline: { cursor: i, nWaiting: 9 } };
    t.equal(progress.problem(look, i * MINUTE_MS), '', 'always busy, and getting on');
  }
  t.end();
});

t.test('how long a bed may be silent, by its adapter', (t) => {
  const { beds } = configSchema.parse({
    beds: [
      { name: 'A', adapter: { kind: 'cyton', port: '/dev/ttyUSB0', silenceSeconds: 2 } },
      { name: 'B', adapter: { kind: 'push', silenceSeconds: 3600 } },
      { name: 'C', adapter: { kind: 'synthetic' } },
    ],
  });
  t.same(
    [...silenceLimits(beds)],
    [
      ['A', 120_000],
      ['B', 7_200_000],
      ['C', 120_000],
    ],
  );
  t.end();
});

t.test('what it says of the beds', (t) => {
  const lost = (bed: string): BedInfo => bedInfo({ bed, state: 'reconnecting', stateText: 'x'.repeat(200) });
  t.equal(bedsText([bedInfo()]), '1 of 1 bed streams');
  t.equal(bedsText([bedInfo(), bedInfo({ replay: {} } as never)]), '1 of 1 bed streams', 'replays are none');
  t.equal(bedsText([bedInfo(), lost('B')]), `1 of 2 beds stream; B reconnecting: ${'x'.repeat(120)}...`);
  const many = bedsText(Array.from({ length: 40 }, (_, i) => lost(`Bed ${i}`)));
  t.match(many, /^0 of 40 beds stream; Bed 0 .*; and 35 more$/);
  t.ok(many.length < 1000);
  for (const [state, stateText, is] of [
    ['starting', 'opening', false],
    ['starting', 'waits for a sender on port 7000', true],
    ['starting', 'going on where it was before the restart', false],
    ['reconnecting', 'gone', true],
    ['streaming', '', true],
    ['failed', 'no such file', true],
    ['ended', 'the source has ended', true],
  ] as const) {
    t.equal(isAccountedFor(bedInfo({ state, stateText })), is, stateText);
  }
  t.end();
});
