import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { DaemonProcess } from './daemon-process.js';
import { withoutWallClock } from './events.js';
import { runReplay } from './replay-process.js';
import { writeSyntheticRecording } from './synthetic-recording.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(180_000);

/** Resolves when the replay has written its first event, so that the model is at work and much is still to come. */
async function firstEvent(replay: DaemonProcess, eventPath: string): Promise<void> {
  while (!existsSync(eventPath) || readFileSync(eventPath, 'utf8') === '') {
    if (replay.hasExited) throw new Error(`the replay ended without an event:\n${replay.stderr}`);
    await sleep(5);
  }
}

t.test('a replay with a killed or frozen inference process finds what an undisturbed one finds', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'recording.edf');
  writeSyntheticRecording(file, { seed: 3, seconds: 80 });
  const undisturbed = await runReplay({ file, speed: 'max', folder, name: 'undisturbed' });
  const expected = withoutWallClock(undisturbed.events);
  t.ok(expected.length >= 2, `${expected.length} events`);

  /** Disturbs the inference process after the first event, and says how many events had been told. */
  const disturbed = async (name: string, disturb: (replay: DaemonProcess, pid: number) => Promise<void>) => {
    let nEventsBefore = 0;
    const run = await runReplay({
      file,
      speed: 10,
      folder,
      name,
      during: async (replay, eventPath) => {
        await firstEvent(replay, eventPath);
        nEventsBefore = readFileSync(eventPath, 'utf8').split('\n').length - 1;
        await disturb(replay, await replay.nextInferencePid());
      },
    });
    return { ...run, nEventsBefore };
  };

  const [killed, frozen] = await Promise.all([
    disturbed('killed', async (replay, pid) => {
      process.kill(pid, 'SIGKILL');
      const second = await replay.nextInferencePid(pid);
      await sleep(500);
      process.kill(second, 'SIGKILL');
      await replay.nextInferencePid(second);
    }),
    disturbed('frozen', async (replay, pid) => {
      process.kill(pid, 'SIGSTOP');
      await replay.nextInferencePid(pid);
    }),
  ]);
  for (const [name, run] of Object.entries({ killed, frozen })) {
    t.ok(run.nEventsBefore < expected.length, `${name} in the middle, after ${run.nEventsBefore} events`);
    t.strictSame(withoutWallClock(run.events), expected, `${name}: the same events`);
    t.match(run.stderr, /being replaced/, `${name}: it says so`);
  }
  t.ok(frozen.exit.milliseconds < 60_000, `frozen: ${(frozen.exit.milliseconds / 1000).toFixed(1)} s in all`);
});
