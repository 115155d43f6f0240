import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { createLog } from '../../../daemon/log.js';
import { Recorder } from '../../../daemon/recording/recorder.js';
import { blocks, streamInfo } from './made-stream.js';
import { filesOf, recordFolder } from './recorded.js';

const log = createLog({ json: true, verbose: false, write: () => undefined });

void t.test('one recorder a folder', async (t) => {
  const folder = join(recordFolder(t), 'a', 'recordings');
  const first = new Recorder({ folder, log });
  await first.start();
  t.ok(existsSync(join(folder, 'owner.lock')));
  const second = new Recorder({ folder, log });
  await t.rejects(second.start(), { code: 'SINK_RECORDING_IN_USE', message: new RegExp(String(process.pid)) });
  await first.stop();
  await second.start();
  await second.stop();
  t.notOk(existsSync(join(folder, 'owner.lock')), 'given back');
});

void t.test(
  'a folder that was replaced and taken by another: told, and recording goes on when it is free',
  async (t) => {
    const folder = recordFolder(t);
    const [first, second] = [new Recorder({ folder, log }), new Recorder({ folder, log })];
    await first.start();
    const bed = first.addBed('Bed 1');
    const info = streamInfo();
    const problem = (): string => first.report().beds[0]!.problem;
    bed.take(info);
    for (const block of blocks(info, 0, 512)) bed.take(block);
    bed.finish();
    for (let i = 0; i < 200 && first.list().length === 0; i++) await sleep(10);
    t.equal(first.list().length, 1);

    for (const path of filesOf(join(folder, first.list()[0]!.file, '..'))) rmSync(path);
    rmSync(join(folder, 'owner.lock'));
    await second.start();
    const whole = [...blocks(info, 512, 256 * 3600)];
    let n = 0;
    const feedUntil = async (isDone: () => boolean): Promise<void> => {
      for (let i = 0; i < 1000 && !isDone(); i++) {
        bed.take(whole[n++]!);
        await sleep(10);
      }
    };
    await feedUntil(() => problem() !== '');
    t.match(problem(), /SINK_RECORDING_IN_USE/);
    const nBefore = first.list().length;
    await feedUntil(() => n > 50);
    t.equal(first.list().length, nBefore, 'nothing is written meanwhile');
    await second.stop();
    await feedUntil(() => problem() === '');
    t.equal(problem(), '');
    await first.stop();
    t.equal(first.list().length, nBefore + 1, 'and then it goes on');
  },
);
