import { mkdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import { writeRecording } from '../bench/recording.js';
import { ReplayClient } from '../e2e/replay-client.js';
import { until } from '../until.js';
import { chromiumPath, launchChromium } from './browser.js';
import { ensureBuilt, RunningDaemon } from './daemon.js';

t.setTimeout(180_000);

const executablePath = chromiumPath();
const skip = executablePath === undefined && process.env['CI'] !== 'true' ? 'no Chromium' : false;

t.test('a replay is shown as one, in words', { skip }, async (t) => {
  ensureBuilt();
  const folder = await mkdtemp(join(tmpdir(), 'chirpd-board-'));
  mkdirSync(join(folder, 'archive'));
  await writeRecording(join(folder, 'archive/night.edf'), 120);
  const config = join(folder, 'config.yaml');
  await writeFile(
    config,
    JSON.stringify({
      server: { port: 0 },
      data: join(folder, 'data'),
      replays: { folders: ['archive'] },
      beds: [{ name: 'Bed 1', adapter: { kind: 'synthetic', seed: 1 } }],
    }),
  );
  const daemon = await RunningDaemon.start(config);
  const browser = await launchChromium(executablePath ?? '');
  t.teardown(async () => {
    await browser.close();
    await daemon.kill();
    await rm(folder, { recursive: true, force: true });
  });
  const client = new ReplayClient(daemon.url);
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(daemon.url);
  await page.waitForSelector('.tile');
  let replay = await client.create({ files: ['night.edf'], speed: 4 }).catch(() => undefined);
  for (let i = 0; i < 100 && replay === undefined; i++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    replay = await client.create({ files: ['night.edf'], speed: 4 }).catch(() => undefined);
  }
  if (replay === undefined) throw new Error('no replay could be begun');
  const { id, bed } = replay;
  const tile = page.locator(`.tile[aria-label="${bed}"]`);
  const tag = tile.locator('.tag-replay');
  await tile.locator('.tile-state', { hasText: 'Replay ×4' }).waitFor();
  t.equal(await tag.innerText(), 'Replay');
  t.ok(await tag.isVisible());
  const live = page.locator('.tile[aria-label="Bed 1"]');
  t.notOk(await live.locator('.tag-replay').isVisible(), 'a live bed is not marked');
  await live.locator('.tile-state', { hasText: 'Live' }).waitFor();
  await page.waitForSelector(`.tile[aria-label="${bed}"][data-freshness="fresh"]`);

  await client.change(id, { paused: true });
  await tile.locator('.tile-state', { hasText: 'Replay, paused' }).waitFor();
  await tile.locator('.tile-notice', { hasText: 'Paused' }).waitFor();
  t.ok(await tag.isVisible());
  // Back to the beginning: the picture begins anew, and goes on.
  await client.change(id, { paused: false, seekSeconds: 0, speed: 20 });
  await page.waitForSelector(`.tile[aria-label="${bed}"][data-freshness="fresh"]`);
  await client.until(id, ({ state }) => state === 'ended');
  await tile.locator('.tile-state', { hasText: 'Ended' }).waitFor();
  t.ok(await tag.isVisible());
  await page.waitForFunction(
    (name) => document.querySelector('.event-panel')?.textContent?.includes(name) ?? false,
    bed,
  );
  t.pass('its chirps are in the list, under its name');
  await t.test('whoever opens the board now sees its chirps on a picture that stands still', async (t) => {
    const later = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await later.goto(daemon.url);
    await later.waitForSelector(`.tile[aria-label="${bed}"][data-freshness="ended"]`);
    /** Curves are drawn in white, which is no colour of the map. */
    const nWhite = async (): Promise<number> => {
      await later.waitForTimeout(1500);
      return later.locator(`.tile[aria-label="${bed}"] .plot-canvas`).evaluate((element) => {
        const canvas = element as HTMLCanvasElement;
        const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
        return Array.from(pixels).filter((_, i) => i % 4 === 0 && pixels[i]! + pixels[i + 1]! + pixels[i + 2]! === 765)
          .length;
      });
    };
    const listed = (board: Page): Promise<number> => board.locator('.event-bed', { hasText: bed }).count();
    await until(async () => (await listed(later)) === (await listed(page)), 'all its events', 60_000);
    const nFirst = await nWhite();
    await later.locator('#chirps').setChecked(false);
    const nWithout = await nWhite();
    t.ok(nFirst > nWithout + 100, `${nFirst} white pixels, ${nWithout} without chirps`);
    await later.close();
  });
  await client.ask('DELETE', `/v1/replays/${id}`);
  await tile.waitFor({ state: 'detached' });
  t.same(errors, []);
});
