import t from 'tap';
import { Playhead } from '../../dashboards/web/playhead.js';

const HOP = 0.46875;

/** Runs a playhead at 60 frames a second while columns come every hop (divided by speed), for some seconds. */
function run(speed: number, stated: number, seconds: number, stopAt = Number.POSITIVE_INFINITY): number[] {
  const playhead = new Playhead();
  const positions: number[] = [];
  for (let ms = 0; ms < seconds * 1000; ms += 1000 / 60) {
    const column = Math.floor((Math.min(ms, stopAt) / 1000) * (speed / HOP));
    playhead.advance(1000 + ms, column * HOP, stated, HOP);
    positions.push(playhead.position);
  }
  return positions;
}

for (const [speed, stated] of [
  [1, 1],
  [4, 4],
  [20, 20],
  [30, 0],
] as const) {
  void t.test(`moves evenly at speed ${String(speed)}, stated as ${String(stated)}`, (t) => {
    const positions = run(speed, stated, 30).slice(20 * 60);
    const steps = positions.slice(1).map((position, i) => (position - (positions[i] ?? 0)) * 60);
    t.ok(Math.min(...steps) > 0.5 * speed, `slowest ${String(Math.min(...steps))}`);
    t.ok(Math.max(...steps) < 1.6 * speed, `fastest ${String(Math.max(...steps))}`);
    const behind = 30 * speed - (positions.at(-1) ?? 0);
    t.ok(behind >= 0 && behind < 2 * HOP + 1.5 * speed, `${String(behind)} s behind`);
    t.end();
  });
}

void t.test('stops at the newest column when data stops', (t) => {
  const positions = run(1, 1, 20, 10_000);
  const newest = Math.floor(10 / HOP) * HOP;
  t.ok(positions.every((position) => position <= newest));
  t.equal(positions.at(-1), newest);
  t.end();
});

void t.test('jumps after a long sleep and back when the stream begins again', (t) => {
  const playhead = new Playhead();
  playhead.advance(0, 10, 1, HOP);
  t.equal(playhead.position, 10);
  playhead.advance(60_000, 70, 1, HOP);
  t.equal(playhead.position, 70);
  playhead.advance(60_016, 1, 1, HOP);
  t.equal(playhead.position, 1);
  t.end();
});
