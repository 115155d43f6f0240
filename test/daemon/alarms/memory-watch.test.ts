import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { memoryRooms, type MemoryRoom } from '../../../daemon/alarms/memory-rooms.js';
import { MemoryWatch } from '../../../daemon/alarms/memory-watch.js';

t.test('short memory is told when it lasts, and until there is clearly more', (t) => {
  let nowMs = 0;
  let used = 50;
  const rooms = (): readonly MemoryRoom[] => [
    { what: 'heap', usedBytes: 10, sizeBytes: 100 },
    { what: 'limit', usedBytes: used, sizeBytes: 100 },
  ];
  const watch = new MemoryWatch({ rooms, nowMs: () => nowMs });
  const at = (ms: number, bytes: number): string => {
    [nowMs, used] = [ms, bytes];
    return watch.look();
  };
  t.equal(at(0, 89), '');
  t.equal(at(500, 95), '', 'it may be a moment');
  t.equal(at(1000, 50), '', 'and was');
  t.equal(at(1500, 91), '');
  t.equal(at(2500, 91), '');
  t.match(at(3000, 91), /^Memory is short: the memory that its service or container may use is nearly taken$/);
  t.match(at(3500, 88), /short/, 'a little less is no end');
  t.equal(at(4000, 86), '');
  t.end();
});

t.test('what there is on this machine', (t) => {
  const rooms = memoryRooms();
  t.ok(rooms.some(({ what }) => what === 'heap'));
  if (process.platform === 'linux') t.ok(rooms.some(({ what }) => what === 'machine'));
  for (const { usedBytes, sizeBytes } of rooms) t.ok(usedBytes > 0 && usedBytes < sizeBytes);
  t.end();
});

t.test('a heap that is full, for real', { timeout: 120_000 }, async (t) => {
  const args = [...process.execArgv, '--expose-gc', '--max-old-space-size=300'];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...args,
    join(import.meta.dirname, 'full-heap-child.ts'),
  ]);
  const [before, full, after] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string);
  t.notMatch(before, /Node/);
  t.match(full, /the memory that Node gives to the daemon is nearly taken/);
  t.notMatch(after, /Node/);
});
