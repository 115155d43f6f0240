import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { EmulatedCyton } from '../../../adapters/cyton/emulated-board.js';
import type { BedInfo } from '../../../daemon/protocol/messages.js';
import { startEmulated } from '../../adapters/emulated-rig.js';
import { until } from '../../until.js';
import { openAlarms } from '../alarm-records.js';
import { readTimeline } from '../read-timeline.js';
import { temporaryFolder } from '../temporary-folder.js';
import { start, SYNTHETIC } from './started.js';
import { FaultListener } from './told.js';

t.setTimeout(240_000);

/** Debian's libfaketime: what a program is told of the time of day by the C library, the monotonic clock left alone. */
const library = readdirSync('/usr/lib')
  .map((folder) => join('/usr/lib', folder, 'faketime/libfaketimeMT.so.1'))
  .find((path) => existsSync(path));
const skip = library !== undefined || process.env['CI'] === 'true' ? false : 'needs the Debian package faketime';

/** A clock that can be set, for a program and its children. */
class HostClock {
  readonly #file: string;

  constructor(t: Test) {
    this.#file = join(temporaryFolder(t), 'clock');
    this.set(0);
  }

  get wrapper(): readonly string[] {
    return [
      'env',
      `LD_PRELOAD=${library ?? ''}`,
      `FAKETIME_TIMESTAMP_FILE=${this.#file}`,
      'FAKETIME_NO_CACHE=1',
      'FAKETIME_DONT_FAKE_MONOTONIC=1',
      'DONT_FAKE_MONOTONIC=1',
    ];
  }

  /** @param seconds before (-) or after the right time */
  set(seconds: number): void {
    // As a whole: nobody reads half of it.
    writeFileSync(`${this.#file}.new`, `${seconds < 0 ? '-' : '+'}${String(Math.abs(seconds))}`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}

async function beds(address: string): Promise<readonly BedInfo[]> {
  return ((await (await fetch(new URL('/v1/beds', address))).json()) as { beds: readonly BedInfo[] }).beds;
}

t.test('what sets the clock of the daemon, and nothing else', { skip }, (t) => {
  const clock = new HostClock(t);
  clock.set(3600);
  const [command, ...args] = [...clock.wrapper, process.execPath, '-p', 'Date.now()'];
  const { stdout } = spawnSync(command, args, { encoding: 'utf8' });
  const differenceMs = Number(stdout) - Date.now();
  t.ok(Math.abs(differenceMs - 3_600_000) < 60_000, `${differenceMs} ms`);
  t.end();
});

for (const { name, seconds, text } of [
  { name: 'an hour forward', seconds: 3600, text: /set forward by 3600\.\d s/ },
  { name: 'an hour back', seconds: -3600, text: /set back by (?:3600\.0|3599\.\d) s/ },
  { name: 'a leap second', seconds: -1, text: /set back by 1\.0 s \(as for a leap second\)/ },
]) {
  void t.test(`the clock of the computer is set: ${name}`, { skip }, async (t) => {
    const clock = new HostClock(t);
    const { address } = await start(t, SYNTHETIC, { wrapper: clock.wrapper });
    const listener = new FaultListener(t, address);
    await until(async () => (await beds(address))[0]?.state === 'streaming', 'a stream', 60_000);
    const [before] = await beds(address);
    const setMs = performance.now();
    clock.set(seconds);
    await listener.raised('CLOCK_JUMPED', setMs);
    t.match(listener.text('CLOCK_JUMPED'), text);
    await sleep(2000);
    const [after] = await beds(address);
    const passedSeconds = (performance.now() - setMs) / 1000;
    const streamedSeconds = (after!.newestTimeMicros - before!.newestTimeMicros) / 1e6;
    t.ok(Math.abs(streamedSeconds - passedSeconds) < 1.5, `${streamedSeconds} s of stream in ${passedSeconds} s`);
    t.match(await openAlarms(address), [{ code: 'CLOCK_JUMPED' }], 'and nothing else is wrong');
    t.same(
      (await readTimeline(address)).filter(({ type }) => type === 'gap'),
      [],
      'no gap',
    );
    // Told for a minute; once is enough.
    if (seconds === -1) await listener.cleared('CLOCK_JUMPED', setMs);
  });
}

for (const seconds of [3600, -3600]) {
  void t.test(
    `a cable is pulled after the clock was set by ${seconds} s: the gap is as long as it was out`,
    { skip },
    async (t) => {
      const clock = new HostClock(t);
      const rig = await startEmulated<unknown>({
        createDevice: (answer) => new EmulatedCyton({ answer, hasDaisy: false }),
        options: (port) => ({ port }),
        isSent: () => true,
      });
      t.teardown(() => rig.stop());
      const config = { beds: [{ name: 'Bed 1', adapter: { kind: 'cyton', port: rig.path } }] } as const;
      const { address } = await start(t, { beds: [...config.beds] }, { wrapper: clock.wrapper });
      const listener = new FaultListener(t, address);
      await until(async () => (await beds(address))[0]?.state === 'streaming', 'a stream', 60_000);
      clock.set(seconds);
      await listener.raised('CLOCK_JUMPED', performance.now());
      const pulledMs = performance.now();
      await rig.hangUp();
      await listener.raised('BED_DEVICE_LOST', pulledMs);
      await rig.replug();
      const outMs = performance.now() - pulledMs;
      await listener.cleared('BED_DEVICE_LOST', performance.now());
      const gaps = (await readTimeline(address)).filter((record) => record.type === 'gap');
      t.equal(gaps.length, 1);
      const gapMs = (gaps[0]!.offsetTimeMicros - gaps[0]!.onsetTimeMicros) / 1000;
      t.ok(Math.abs(gapMs - outMs) < 2500, `a gap of ${gapMs.toFixed(0)} ms; it was out for ${outMs.toFixed(0)} ms`);
    },
  );
}
