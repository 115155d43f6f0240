import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { BedStore } from '../../daemon/history/bed-store.js';
import { decodeBedHistory, decodeSpectrogramHistory, floatsOf } from '../../daemon/protocol/codec.js';
import type { BedHistory, BedInfo } from '../../daemon/protocol/messages.js';
import { bedFolderName } from '../../daemon/recording/file-name.js';
import { until } from '../until.js';
import { columnOf } from '../daemon/history/made-stream.js';
import { runArguments, writeConfig } from './config-file.js';
import { DaemonProcess } from './daemon-process.js';
import { BED, PushedRun } from './pushed-run.js';
import { temporaryFolder } from './temporary-folder.js';

t.setTimeout(290_000);

const START = Date.UTC(2026, 1, 3) * 1000;

async function bytesOf(address: string, path: string): Promise<Uint8Array> {
  const response = await fetch(new URL(path, address));
  if (response.status !== 200) throw new Error(await response.text());
  return new Uint8Array(await response.arrayBuffer());
}

async function historyOf(address: string, bed: string): Promise<BedHistory> {
  return decodeBedHistory(await bytesOf(address, `/v1/beds/${bed}/history?hours=1&columns=8640`));
}

function coverageOf(history: Pick<BedHistory, 'regions'>): readonly number[] {
  return [...floatsOf(history.regions[0]?.coverage ?? new Uint8Array())];
}

t.test(
  'two hurried beds: their history is that of their columns, outlives SIGKILL, and begins anew with them',
  async (t) => {
    const folder = temporaryFolder(t);
    const adapter = (seed: number) => ({
      kind: 'synthetic' as const,
      seed,
      nChannels: 6,
      sampleRate: 128,
      startTimeMicros: START,
    });
    const config = writeConfig(folder, 'config', {
      beds: [
        { name: 'both', speed: 20, montage: 'average', adapter: adapter(1) },
        { name: 'left', speed: 20, montage: ['F3-C3', 'Fp1-F3', 'F3-F4'], adapter: adapter(2) },
      ],
    });
    const start = (): DaemonProcess => {
      const daemon = new DaemonProcess(runArguments(config, join(folder, 'data')));
      t.teardown(() => daemon.kill());
      return daemon;
    };
    const daemon = start();
    const address = await daemon.ready();
    await until(async () => (await historyOf(address, 'both')).timesMicros.length > 14, '150 s', 120_000);

    const { beds } = JSON.parse(new TextDecoder().decode(await bytesOf(address, '/v1/beds'))) as { beds: BedInfo[] };
    t.strictSame(
      (await historyOf(address, 'left')).regions.map(({ region }) => region),
      ['left'],
    );
    const { derivations } = beds.find(({ bed }) => bed === 'both')!;
    t.strictSame(derivations, ['Fp1-avg', 'F3-avg', 'C3-avg', 'Fp2-avg', 'F4-avg', 'C4-avg']);
    const recent = decodeSpectrogramHistory(await bytesOf(address, '/v1/beds/both/spectrogram'));
    const told = await historyOf(address, 'both');
    t.strictSame(
      told.regions.map(({ region }) => region),
      ['left', 'right'],
    );
    let nChecked = 0;
    for (const time of told.timesMicros.slice(0, -1)) {
      const within = [...recent.timesMicros.keys()].filter(
        (i) => Math.floor(recent.timesMicros[i]! / 10e6) * 10e6 === time,
      );
      if (within.length < 21) continue;
      for (const [side, ofSide] of [
        ['left', [0, 1, 2]],
        ['right', [3, 4, 5]],
      ] as const) {
        const expected = Array.from({ length: 128 }, (_, row) => {
          const powers = within.flatMap((i) =>
            ofSide.map((d) => 10 ** ((recent.decibels[(i * 6 + d) * 128 + row]! / 2 - 60) / 10)),
          );
          return 2 * (10 * Math.log10(powers.reduce((sum, power) => sum + power, 0) / powers.length) + 60);
        });
        const found = columnOf(told, side, time)!;
        const worst = Math.max(...expected.map((byte, row) => Math.abs(byte - found.bytes[row]!)));
        if (worst > 1) t.fail(`${side} ${String(time)}: a row is off by ${String(worst)}`);
        t.ok(found.trends.envelopeUpperMicrovolts > found.trends.envelopeLowerMicrovolts);
        nChecked++;
      }
    }
    t.ok(nChecked >= 10, `${String(nChecked)} columns`);

    const last = await historyOf(address, 'both');
    const { signal } = await daemon.kill();
    t.equal(signal, 'SIGKILL');
    t.strictSame(daemon.complaints(), []);
    const stored = await new BedStore({
      folder: join(folder, 'data', 'history', bedFolderName('both')),
      profile: 'slow',
      hours: 24,
    }).read(1, 8640);
    // All but the first and the newest column were whole, and the disk had them a moment later.
    const lacking = last.timesMicros.slice(1, -2).filter((time) => columnOf(stored, 'left', time)!.coverage < 0.95);
    t.strictSame(lacking, []);

    const again = start();
    const next = await again.ready();
    let anew = await historyOf(next, 'both');
    await until(
      async () => {
        anew = await historyOf(next, 'both');
        return anew.toMicros < last.toMicros && anew.timesMicros.length > 3;
      },
      'it ends where the bed is',
      60_000,
    );
    t.equal(anew.timesMicros.at(-1), anew.toMicros - 10e6);
    t.equal(anew.timesMicros.length, (anew.toMicros - START) / 10e6, 'and shows nothing that is to come');
    t.strictSame(columnOf(anew, 'left', START + 20e6)?.bytes, columnOf(last, 'left', START + 20e6)?.bytes);
    await again.kill();
    t.strictSame(again.complaints(), []);
  },
);

t.test('with a journal, SIGKILL takes nothing', async (t) => {
  const folder = temporaryFolder(t);
  const run = await PushedRun.start(t, folder, { seed: 7, seconds: 200 });
  const pushed = run.push();
  for (let kill = 0; kill < 3; kill++) {
    const address = await run.daemon.ready();
    await until(
      async () => coverageOf(await historyOf(address, encodeURIComponent(BED))).length > 2 + 5 * kill,
      'a history',
      60_000,
    );
    await sleep(100 + 150 * kill);
    await run.restart();
  }
  await pushed;
  await run.finish();
  t.strictSame(run.complaints, []);
  const store = new BedStore({
    folder: join(folder, 'data', 'history', bedFolderName(BED)),
    profile: 'slow',
    hours: 24,
  });
  const coverage = coverageOf(await store.read(1, 8640));
  t.comment(coverage.map((share) => share.toFixed(2)).join(' '));
  t.ok(coverage.length >= 20, `${String(coverage.length)} columns`);
  // The first and the last two hold the ends of the stream.
  t.strictSame(
    coverage.slice(1, -2).filter((share) => share < 0.95),
    [],
  );
});
