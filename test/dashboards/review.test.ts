import { mkdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { LabelsPage } from '../../daemon/protocol/label-messages.js';
import { copyPiece, RECORDINGS, skipWithoutThoseRecordings } from '../e2e/recording-piece.js';
import { ReplayClient } from '../e2e/replay-client.js';
import { until } from '../until.js';
import { chromiumPath, launchChromium } from './browser.js';
import { ensureBuilt, RunningDaemon } from './daemon.js';

t.setTimeout(400_000);

const executablePath = chromiumPath();
const noChromium = executablePath === undefined && process.env['CI'] !== 'true' ? 'no Chromium' : false;
const skip = noChromium === false ? skipWithoutThoseRecordings() : noChromium;
/** For those who want to look at it. */
const SHOTS = process.env['CHIRPD_SHOTS'];
const SIZES = [
  [390, 844],
  [1440, 900],
  [3840, 2160],
] as const;

interface Rig {
  readonly daemon: RunningDaemon;
  readonly browser: Browser;
  readonly client: ReplayClient;
  readonly errors: readonly string[];
  readonly open: () => Promise<Page>;
}

async function start(t: Test, settings: object, recording: boolean): Promise<Rig> {
  ensureBuilt();
  const folder = await mkdtemp(join(tmpdir(), 'chirpd-review-'));
  mkdirSync(join(folder, 'archive/empty'), { recursive: true });
  // The first chirp of this seizure lies at 360 s, the second at 375 s.
  if (recording) copyPiece(RECORDINGS.tle, 296, 420, join(folder, 'archive/night.edf'));
  const config = join(folder, 'config.yaml');
  const bed = { name: 'Bed 1', profiles: ['slow'], adapter: { kind: 'synthetic', seed: 1, nChannels: 2 } };
  await writeFile(
    config,
    JSON.stringify({ server: { port: 0 }, data: join(folder, 'data'), beds: [bed], ...settings }),
  );
  const daemon = await RunningDaemon.start(config);
  const browser = await launchChromium(executablePath ?? '');
  t.teardown(async () => {
    await browser.close();
    await daemon.kill();
    await rm(folder, { recursive: true, force: true });
  });
  const errors: string[] = [];
  const open = async (): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && message.text().includes('Content Security')) errors.push(message.text());
    });
    await page.goto(daemon.url);
    await page.waitForSelector('.tile');
    return page;
  };
  return { daemon, browser, client: new ReplayClient(daemon.url), errors, open };
}

async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return;
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    await page.waitForTimeout(600);
    await page.screenshot({ path: join(SHOTS, `${name}-${String(width)}.png`) });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}

t.test('where nothing may be replayed the board says what to do', { skip }, async (t) => {
  const { open, errors, client } = await start(t, {}, false);
  await until(async () => (await client.ask('GET', '/v1/replays')).status === 200, 'the replays', 60_000);
  const page = await open();
  await page.locator('.replay-open').click();
  await page.locator('.replay-notice', { hasText: 'replays: { folders' }).waitFor();
  t.ok(await page.locator('.replay-dialog .alarm-submit').isDisabled());
  await page.keyboard.press('Escape');
  await page.locator('.replay-dialog').waitFor({ state: 'hidden' });
  t.same(errors, []);
});

t.test('a recording is replayed, steered and reviewed', { skip }, async (t) => {
  const rig = await start(t, { replays: { folders: ['archive'] } }, true);
  const { client, open, errors } = rig;
  await until(async () => (await client.ask('GET', '/v1/replays')).status === 200, 'the replays', 60_000);
  const page = await open();
  await page.locator('.replay-open').click();
  await page.locator('.replay-choose', { hasText: 'night.edf' }).click();
  await page.locator('#replay-from').fill('nonsense');
  await page.locator('.replay-dialog .alarm-submit').click();
  await page.locator('.replay-dialog .alarm-trouble', { hasText: '1:02:03' }).waitFor();
  await shoot(page, 'replay-dialog');
  await page.locator('#replay-from').fill('0:30');
  await page.locator('#replay-speed').selectOption('2');
  await page.locator('.replay-dialog .alarm-submit').click();
  const bar = page.locator('.bed-view .replay-bar');
  await page.waitForSelector('.bed-view .replay-bar[data-state="playing"]');
  const [info] = ((await client.ask('GET', '/v1/replays')).body as { replays: { id: string; bed: string }[] }).replays;
  if (info === undefined) throw new Error('there is no replay');
  const { id, bed } = info;
  t.match(await client.info(id), { speed: 2, run: 1, files: [/night\.edf$/] });
  t.ok((await client.info(id)).positionSeconds >= 30, 'it begins where it was told to');

  await t.test('steered here, and by others', async (t) => {
    await bar.locator('.replay-play').focus();
    await page.keyboard.press('k');
    await client.until(id, ({ state }) => state === 'paused');
    await page.waitForSelector('.bed-view .replay-bar[data-state="paused"]');
    t.equal(await bar.locator('.replay-play').getAttribute('aria-label'), 'Play');
    await client.change(id, { speed: 7, seekSeconds: 50 });
    await page.waitForFunction(
      () => document.querySelector<HTMLSelectElement>('.bed-view .replay-speed')?.value === '7',
    );
    await page.waitForFunction(
      () => document.querySelector('.bed-view .replay-place')?.textContent === '0:00:50 / 0:02:04',
    );
    await page.keyboard.press('[');
    await client.until(id, ({ speed }) => speed === 5);
    await page.keyboard.press('l');
    await client.until(id, ({ positionSeconds }) => positionSeconds === 60);
    await bar.locator('.replay-slider').focus();
    await page.keyboard.press('Home');
    await client.until(id, ({ positionSeconds }) => positionSeconds === 0);
    await bar.locator('.replay-time').fill('1:61');
    await page.keyboard.press('Enter');
    await bar.locator('.replay-trouble', { hasText: '1:02:03' }).waitFor();
    await bar.locator('.replay-time').fill('1:40,5');
    await page.keyboard.press('Enter');
    await client.until(id, ({ positionSeconds }) => positionSeconds === 100.5);
    await bar.locator('.replay-slider').evaluate((slider: HTMLInputElement) => {
      slider.value = '20';
      slider.dispatchEvent(new Event('input'));
      slider.dispatchEvent(new Event('change'));
    });
    await client.until(id, ({ positionSeconds }) => positionSeconds === 20);
    await shoot(page, 'replay-bed');
    await page.goto(rig.daemon.url);
    const tile = page.locator(`.tile[aria-label="${bed}"]`);
    await tile.locator('.replay-bar[data-state="paused"]').waitFor();
    await tile.locator('.replay-speed').selectOption('max');
    await client.until(id, ({ speed }) => speed === 'max');
    await tile.getByRole('button', { name: 'To the start' }).click();
    await client.until(id, ({ positionSeconds }) => positionSeconds === 0);
    await tile.locator('.replay-play').click();
    await client.until(id, ({ state }) => state === 'playing' || state === 'ended');
    t.pass('from its tile, too');
  });

  await t.test('chirps are confirmed, rejected and changed, on all boards at once', async (t) => {
    await client.until(id, ({ state }) => state === 'ended', 240_000);
    const other = await open();
    const row = page.locator('.event', { hasText: bed }).first();
    await row.waitFor();
    const event = (await row.getAttribute('data-id')) ?? '';
    const rowOf = (one: Page): ReturnType<Page['locator']> => one.locator(`.event[data-id="${event}"]`);
    await rowOf(other).waitFor();
    const said = async (one: Page, text: string): Promise<void> =>
      rowOf(one).locator('.event-label-said', { hasText: text }).waitFor();
    const dialog = page.locator('.label-dialog');

    await rowOf(page).locator('.event-button').focus();
    await page.keyboard.press('y');
    await dialog.locator('.alarm-submit').click();
    await dialog.locator('.alarm-trouble', { hasText: 'Give your name.' }).waitFor();
    await dialog.locator('#label-name').fill('Ada');
    await dialog.locator('#label-note').fill('clear in T7');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    await said(page, '✓ Confirmed by Ada');
    await said(other, '✓ Confirmed by Ada');
    t.equal(await rowOf(other).locator('.event-label').getAttribute('data-verdict'), 'confirmed');
    t.match(await rowOf(other).locator('.event-label-said').getAttribute('title'), /clear in T7/);
    t.notOk(
      await rowOf(other)
        .getByRole('button', { name: /^Take back/ })
        .isVisible(),
      'only who said it takes it back',
    );

    await rowOf(page).locator('.event-button').focus();
    await page.keyboard.press('o');
    await shoot(page, 'label-dialog');
    await dialog.locator('.alarm-submit').click();
    await dialog.locator('.alarm-trouble', { hasText: 'Nothing is changed' }).waitFor();
    await dialog.locator('#label-text').fill('artifact');
    await dialog.locator('#label-end').fill('1,5');
    await dialog.locator('.alarm-submit').click();
    // Measured from the answer on: how long the other board takes to show it.
    await dialog.waitFor({ state: 'hidden' });
    const beganMs = performance.now();
    await said(other, '≠ Changed: artifact by Ada');
    t.comment(`shown on the other board ${(performance.now() - beganMs).toFixed(0)} ms after the dialog closed here`);
    const labels = async (): Promise<LabelsPage['labels']> =>
      ((await client.ask('GET', `/v1/beds/${encodeURIComponent(bed)}/labels`)).body as LabelsPage).labels;
    t.match(await labels(), [{ event, verdict: 'changed', text: 'artifact', endFrequencyHz: 1.5, name: 'Ada' }]);
    await shoot(page, 'label-rows');

    await other.reload();
    await said(other, '≠ Changed: artifact by Ada');
    await rowOf(page).getByRole('button', { name: 'Take back: Changed: artifact' }).click();
    await until(async () => (await labels()).length === 0, 'no label', 20_000);
    await other.waitForFunction(
      (id) => document.querySelector(`.event[data-id="${id}"] .event-label`)?.getAttribute('data-verdict') === 'none',
      event,
    );
    await page.locator('#language-de').click();
    await rowOf(page)
      .getByRole('button', { name: /beurteilen$/ })
      .click();
    await dialog.getByText('Kein Chirp').click();
    await dialog.locator('.alarm-submit', { hasText: 'Speichern' }).click();
    await said(page, '✗ Verworfen von Ada');
    await said(other, '✗ Rejected by Ada');
    await page.locator('#language-en').click();
    const open1 = page.locator(`.tile[aria-label="${bed}"] .tile-open`);
    await open1.click();
    await page.locator('.bed-view .event-label-said', { hasText: '✗ Rejected by Ada' }).waitFor();
    await shoot(page, 'label-bed');
    await page.keyboard.press('Escape');
    await other.close();
  });

  await page.locator(`.tile[aria-label="${bed}"]`).getByRole('button', { name: 'Stop and close' }).click();
  await page.locator(`.tile[aria-label="${bed}"]`).waitFor({ state: 'detached' });
  t.equal((await client.ask('GET', `/v1/replays/${id}`)).status, 404);
  t.same(errors, []);
});
