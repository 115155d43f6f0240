import t from 'tap';
import { CheckpointGate } from '../../../daemon/journal/checkpoint-gate.js';
import type { ProfileName } from '../../../pipelines/core/profile.js';
import type { Checkpoint } from '../../../pipelines/items.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function checkpoint(column: number, profile: ProfileName = 'slow'): Checkpoint {
  return { type: 'checkpoint', profile, column, tracker: { identity: '', newestColumn: column, followed: [] } };
}

/** A gate to a journal, and a timeline that says when what it was given is kept. */
function setUp() {
  const kept: string[] = [];
  const waiting: (() => void)[] = [];
  const gate = new CheckpointGate(
    { checkpoint: ({ profile, column }) => kept.push(`${profile} ${String(column)}`) },
    () => new Promise((resolve) => waiting.push(resolve)),
  );
  const settle = async (): Promise<void> => {
    for (const resolve of waiting.splice(0)) resolve();
    await turn();
  };
  return { gate, kept, settle, nWaiting: () => waiting.length };
}

t.test('a checkpoint is kept when the events before it are', async (t) => {
  const { gate, kept, settle } = setUp();
  gate.take(checkpoint(2));
  await turn();
  t.same(kept, []);
  await settle();
  gate.take(checkpoint(4));
  await settle();
  t.same(kept, ['slow 2', 'slow 4']);
});

t.test('while the timeline refuses two of a profile wait at most, the newest among them', async (t) => {
  const { gate, kept, settle, nWaiting } = setUp();
  for (let column = 2; column <= 20_000; column += 2) gate.take(checkpoint(column));
  gate.take(checkpoint(10, 'fast'));
  t.equal(nWaiting(), 2);
  await settle();
  t.same(kept, ['slow 2', 'fast 10']);
  t.equal(nWaiting(), 1, 'the newest waits for the events before it');
  await settle();
  t.same(kept, ['slow 2', 'fast 10', 'slow 20000']);
  t.equal(nWaiting(), 0);
});

t.test('what waits when another stream begins is not kept', async (t) => {
  const { gate, kept, settle } = setUp();
  gate.take(checkpoint(2));
  gate.take(checkpoint(4));
  gate.clear();
  gate.take(checkpoint(6));
  await settle();
  await settle();
  t.same(kept, ['slow 6']);
});
