import { mkdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { writeRecording } from '../bench/recording.js';
import { ReplayClient } from '../e2e/replay-client.js';
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
  await client.ask('DELETE', `/v1/replays/${id}`);
  await tile.waitFor({ state: 'detached' });
  t.same(errors, []);
});
