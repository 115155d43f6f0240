import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import { freePort } from '../free-port.js';
import { chromiumPath, launchChromium } from './browser.js';
import { ensureBuilt, RunningDaemon } from './daemon.js';

t.setTimeout(240_000);

const LONG_MS = 90_000;
const SHOTS = process.env['CHIRPD_SHOTS'];

const path = chromiumPath();

t.test('a board that is open when the config is reloaded', { skip: path === undefined && 'no Chromium' }, async (t) => {
  ensureBuilt();
  const directory = await mkdtemp(join(tmpdir(), 'chirpd-board-'));
  const config = join(directory, 'config.yaml');
  const port = await freePort();
  const made = (name: string, seed: number, more: object = {}): object => ({
    name,
    adapter: { kind: 'synthetic', seed, nChannels: 4 },
    ...more,
  });
  const write = (beds: object[]): Promise<void> =>
    writeFile(config, JSON.stringify({ server: { port }, data: join(directory, 'data'), beds }));
  const leaving = made('Bed 2', 46, { speed: 8, alarmRules: [{ priority: 'low', each: true }] });
  await write([made('Bed 1', 1), leaving, made('Bed 3', 3)]);
  const daemon = await RunningDaemon.start(config);
  const browser = await launchChromium(path ?? '');
  t.teardown(async () => {
    await browser.close();
    await daemon.kill();
    await rm(directory, { recursive: true, force: true });
  });
  const errors: string[] = [];
  const open = async (address: string): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      const { url } = message.location();
      // A question about the bed that leaves, asked before the page was told: Chromium writes down every 404.
      if (url.includes('/v1/beds/Bed%202/') && message.text().includes('404')) return;
      errors.push(`${message.text()} ${url}`);
    });
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(address);
    return page;
  };
  const board = await open(daemon.url);
  const view = await open(`${daemon.url}#bed=${encodeURIComponent('Bed 2')}`);
  const shoot = async (name: string): Promise<void> => {
    if (SHOTS === undefined) return;
    mkdirSync(SHOTS, { recursive: true });
    await board.screenshot({ path: join(SHOTS, `${name}-board.png`) });
    await view.screenshot({ path: join(SHOTS, `${name}-view.png`) });
  };
  const untilTiles = (names: string): Promise<unknown> =>
    board.waitForFunction(
      (wanted) =>
        Array.from(document.querySelectorAll('.tile-name'), (name) => name.textContent.trim()).join(', ') === wanted,
      names,
      { timeout: LONG_MS, polling: 50 },
    );
  await untilTiles('Bed 1, Bed 2, Bed 3');
  // A chirp of the bed that will leave stands in the list of events, and as an alarm.
  await board.waitForFunction(() => document.body.textContent.includes('Bed 2: a chirp'), undefined, {
    timeout: LONG_MS,
  });
  t.equal(await board.locator('#demonstration').isVisible(), true, 'all beds are made up');
  await shoot('before');

  // One that waits for a real program.
  await write([{ name: 'Bed 5', adapter: { kind: 'push' } }, made('Bed 4', 4), made('Bed 1', 1), made('Bed 3', 3)]);
  const answer = await fetch(new URL('/v1/config/reload', daemon.url), { method: 'POST' });
  t.equal(answer.status, 200);
  await untilTiles('Bed 5, Bed 4, Bed 1, Bed 3');
  await board.locator('#demonstration').waitFor({ state: 'hidden', timeout: LONG_MS });
  for (const bed of ['Bed 4', 'Bed 1', 'Bed 3']) {
    const tile = board.locator('.tile[data-freshness="fresh"]', { has: board.locator('.tile-name', { hasText: bed }) });
    await tile.waitFor({ timeout: LONG_MS });
  }
  t.equal(
    await board.locator('.event-bed', { hasText: 'Bed 2' }).count(),
    0,
    'nor do its events stand there as of now',
  );
  await view.getByText('There is no bed “Bed 2” now.').waitFor({ timeout: LONG_MS });
  t.equal(await view.locator('.bed-view canvas').count(), 0, 'nothing of it is drawn any more');
  await board.getByText('the bed was taken out of the config').first().waitFor({ timeout: LONG_MS });
  t.pass('the alarm of a chirp that nobody has acknowledged is still there, and says why it is over');
  await shoot('after');
  t.strictSame(errors, []);
});
