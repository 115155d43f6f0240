import t from 'tap';
import { measureBoardMemory } from '../bench/board-memory.js';
import { chromiumPath } from './browser.js';
import { ensureBuilt } from './daemon.js';

const HOURS = 0.8;

const skip = chromiumPath() === undefined && 'no chromium here (apt-get install chromium)';
if (skip !== false && process.env['CI'] === 'true') t.fail('chromium is missing, and CI must have it');

// `npm run bench -- --only board-hours` weighs it for a whole shift.
void t.test(
  `a board that is shown ${HOURS} h of four beds holds no more at the end`,
  { skip, timeout: 280_000 },
  async (t) => {
    ensureBuilt();
    const { points, nodesPerHour, megabytesPerHour, wallSeconds } = await measureBoardMemory(HOURS, 4);
    const settled = points.filter(({ hours }) => hours > HOURS / 4);
    t.comment(
      `${megabytesPerHour.toFixed(2)} MB and ${nodesPerHour.toFixed(1)} nodes an hour, in ${wallSeconds.toFixed(0)} s`,
    );
    t.ok(settled.length > 8);
    const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);
    // A row that is not let go of is some ten nodes and a listener; there are 4 chirps and half an alarm a minute of the streams.
    t.ok(spread(settled.map(({ nNodes }) => nNodes)) < 60, settled.map(({ nNodes }) => nNodes).join(', '));
    t.ok(
      spread(settled.map(({ nListeners }) => nListeners)) <= 4,
      settled.map(({ nListeners }) => nListeners).join(', '),
    );
    t.ok(
      points.every(({ heapMegabytes }) => heapMegabytes < 25),
      'and it is a small page',
    );
  },
);
