import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { Timeline } from '../../../daemon/timeline/timeline.js';
import { bundleChild } from './bundle-child.js';
import { gapDraft } from './drafts.js';

const N_KILLS = 24;
/** Each child starts by appending again what the one before may have stored without getting round to say so. */
const OVERLAP = 40;

t.test(`${String(N_KILLS)} SIGKILLs while appending: what was acknowledged is there, once`, async (t) => {
  const folder = t.testdir();
  const script = bundleChild('append-child', folder);
  const directory = join(folder, 'timeline');
  mkdirSync(directory);
  /** Acknowledged by any child: number of the draft -> cursor. */
  const acknowledged = new Map<number, number>();
  let nContradictions = 0;
  let nRecordsSeen = 0;

  for (let kill = 0; kill < N_KILLS; kill++) {
    const first = Math.max(0, acknowledged.size - OVERLAP);
    const child = spawn(process.execPath, [script, directory, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    const closed = once(child, 'close');
    await once(child.stdout, 'data');
    await setTimeout(10 + Math.random() * 150);
    child.kill('SIGKILL');
    const [, signal] = (await closed) as [number | null, string | null];
    t.equal(signal, 'SIGKILL', 'it ran until it was killed');
    for (const line of output.split('\n').slice(0, -1)) {
      const [i, cursor] = line.split(' ').map(Number) as [number, number];
      if (acknowledged.has(i) && acknowledged.get(i) !== cursor) nContradictions++;
      acknowledged.set(i, cursor);
    }

    // Every third time the next child opens what the killed one left, with no one in between.
    if (kill % 3 === 2 && kill < N_KILLS - 1) continue;
    const timeline = await Timeline.open(directory);
    const messages = timeline.after(0, 1e9);
    await timeline.close();
    const expected = messages.map((_, i) => ({ ...gapDraft(i).content, cursor: i + 1 }));
    t.same(messages, expected, 'each record once, in order, under cursors that rise by one');
    t.ok(
      [...acknowledged].every(([i, cursor]) => cursor === i + 1 && i < messages.length),
      'no acknowledged one lost',
    );
    t.ok(messages.length >= nRecordsSeen);
    nRecordsSeen = messages.length;
  }
  t.equal(nContradictions, 0, 'a record appended again has the cursor it had');
  t.ok(acknowledged.size > N_KILLS * 8, `${String(acknowledged.size)} acknowledged`);
  t.comment(`${String(acknowledged.size)} acknowledged, ${String(nRecordsSeen)} stored`);
});
