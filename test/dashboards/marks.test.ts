import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { LabelsPage } from '../../daemon/protocol/label-messages.js';
import type { LabelMessage } from '../../daemon/protocol/messages.js';
import { until } from '../until.js';
import { startBoard } from './board-rig.js';
import { chromiumPath } from './browser.js';
import { PushedEeg, type RecordedEeg } from './pushed-eeg.js';

const BED = 'Bed 7 / ICU';
const PAST_SECONDS = 90;
const WAIT = { timeout: 60_000 };
/** Of marks on the picture, on the spectrogram and on the page of the past. */
const GREEN = [0x86, 0xef, 0xac] as const;
const DARK_GREEN = [0x0b, 0x6b, 0x3a] as const;
/** For those who want to look at it. */
const SHOTS = process.env['CHIRPD_SHOTS'];

function noise(): RecordedEeg {
  const labels = ['F3', 'C3', 'F4', 'C4'];
  const samples = labels.map(() => Float32Array.from({ length: 256 * 90 }, () => 40 * (Math.random() - 0.5)));
  return { labels, sampleRate: 256, samples };
}

/** Pixels of a canvas that are of this colour. */
async function count(page: Page, canvas: string, colour: readonly [number, number, number]): Promise<number> {
  return page.locator(canvas).evaluateAll((all, wanted) => {
    let n = 0;
    for (const one of all as HTMLCanvasElement[]) {
      if (one.width === 0 || one.height === 0) continue;
      const { data } = one.getContext('2d')?.getImageData(0, 0, one.width, one.height) ?? { data: [] };
      for (let i = 0; i < data.length; i += 4) if (wanted.every((value, k) => data[i + k] === value)) n++;
    }
    return n;
  }, colour);
}

async function drag(
  page: Page,
  area: string,
  from: readonly [number, number],
  to: readonly [number, number],
): Promise<void> {
  // What is still being laid out moves on under the mouse.
  let box = { x: 0, y: 0, width: 0, height: 0 };
  const isStill = async (): Promise<boolean> => {
    const before = JSON.stringify(box);
    await page.waitForTimeout(300);
    box = (await page.locator(area).boundingBox()) ?? box;
    return JSON.stringify(box) === before;
  };
  await until(isStill, `${area} stands still`, 20_000);
  const at = ([x, y]: readonly [number, number]): [number, number] => [box.x + x * box.width, box.y + y * box.height];
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]), { steps: 4 });
  await page.mouse.move(...at(to), { steps: 4 });
  await page.waitForSelector(`${area} .bed-view-selection:not([hidden])`);
  await page.mouse.up();
}

async function run(t: Test, executablePath: string): Promise<void> {
  const beds = [{ name: BED, adapter: { kind: 'push' }, montage: 'recorded' }];
  const { daemon, browser } = await startBoard(t, executablePath, () => ({ beds }));
  const pushed = await PushedEeg.start({ url: daemon.url, bed: BED, eeg: noise(), pastSeconds: PAST_SECONDS });
  t.teardown(() => {
    pushed.stop();
  });
  const errors: string[] = [];
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'Asia/Tokyo',
  });
  const open = async (hash: string): Promise<Page> => {
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(daemon.url + hash);
    await page.waitForSelector('#connection[data-state="live"]', WAIT);
    return page;
  };
  const labels = async (): Promise<readonly LabelMessage[]> => {
    const response = await fetch(new URL(`/v1/beds/${encodeURIComponent(BED)}/labels`, daemon.url));
    return ((await response.json()) as LabelsPage).labels;
  };
  const hash = `#bed=${encodeURIComponent(BED)}`;
  const page = await open(hash);
  const board = await open('');
  await page.waitForSelector('.bed-view-inside[data-freshness="fresh"]', WAIT);
  await page.locator('#timeline-hours, .bed-timeline select').first().selectOption('1');

  await t.test('dragged over on the spectrogram, said, and on every board at once', async (t) => {
    await drag(page, '.bed-view-plot', [0.5, 0.7], [0.7, 0.4]);
    const dialog = page.locator('dialog.label-dialog[open]');
    await dialog.waitFor(WAIT);
    t.match(await dialog.locator('.label-what').textContent(), /^Mark something on Bed 7 \/ ICU, \d{4}-\d\d-\d\d$/);
    t.equal(await page.locator('.bed-view-inside[data-past="true"]').count(), 0, 'a drag is no click');
    const startHz = Number(await page.locator('#mark-start').inputValue());
    const endHz = Number(await page.locator('#mark-end').inputValue());
    t.ok(startHz > 0 && endHz > startHz, `${startHz} to ${endHz} Hz, as it was dragged: upwards`);
    await page.locator('dialog[open] .alarm-submit').click();
    t.match(await dialog.locator('.alarm-trouble').textContent(), /Give your name/);
    await page.locator('#mark-name').fill('Ada');
    await page.locator('#mark-note').fill('clear in the EEG');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    const [label] = await labels();
    t.match(label, { verdict: 'added', text: 'chirp', name: 'Ada', note: 'clear in the EEG', bed: BED });
    t.notOk('event' in (label ?? {}));
    t.ok(Math.abs((label?.startFrequencyHz ?? 0) - startHz) < 0.06);
    const seconds = ((label?.offsetTimeMicros ?? 0) - (label?.onsetTimeMicros ?? 0)) / 1e6;
    t.ok(seconds > 2 && seconds < 60, `${seconds} s`);
    const rows = ['.bed-view-events .event[data-state="added"]', '#events .event[data-state="added"]'];
    for (const [one, row] of [
      [page, rows[0] ?? ''],
      [board, rows[1] ?? ''],
    ] as const) {
      await one.waitForSelector(row, WAIT);
      t.match(await one.locator(row).innerText(), /\+ chirp\s+Marked/);
      t.match(await one.locator(row).innerText(), /By Ada: clear in the EEG/);
    }
    t.match(await board.locator('#event-count').textContent(), /^\d+ \+ 1 marked$/);
    await until(
      async () => (await count(page, '.bed-view-plot canvas', GREEN)) > 20,
      'it is on the spectrogram',
      20_000,
    );
    await until(async () => (await count(board, '.tile-plot canvas:visible', GREEN)) > 20, 'and on the tile', 20_000);
    await board.locator('#tiles-show').selectOption('1');
    await until(async () => (await count(board, '.tile canvas', GREEN)) > 5, 'and on its hours', 30_000);
    await until(async () => (await count(page, '.bed-timeline canvas', GREEN)) > 5, 'and in the timeline', 30_000);
    await board.locator('#tiles-show').selectOption('0');
    if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, 'marked-spectrogram.png') });
  });

  await t.test(
    'a click on its row leads to its EEG, where it is marked, too; chirps can be hidden with it',
    async () => {
      await page.locator('.bed-view-events .event[data-state="added"] .event-button').click();
      await page.waitForSelector('.bed-view-inside[data-past="true"]', WAIT);
      await page.waitForSelector('.bed-view-past-notice', { state: 'hidden', ...WAIT });
      await until(async () => (await count(page, '.bed-view-paper canvas', DARK_GREEN)) > 200, 'it is marked', 20_000);
      await page.keyboard.press('c');
      await until(async () => (await count(page, '.bed-view-paper canvas', DARK_GREEN)) === 0, 'hidden', 20_000);
      await page.keyboard.press('c');
      await until(async () => (await count(page, '.bed-view-paper canvas', DARK_GREEN)) > 200, 'shown', 20_000);
    },
  );

  await t.test('with keys alone, on a page of the past', async (t) => {
    await page.locator('.bed-view-paper').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('a');
    await page.locator('dialog.label-dialog[open]').waitFor();
    t.equal(await page.evaluate(() => document.activeElement?.id), 'mark-text');
    t.match(await page.locator('#mark-derivations').inputValue(), /^[FC]\d$/, 'the derivation under the cursor');
    await page.locator('#mark-text').press('ControlOrMeta+a');
    await page.keyboard.type('artifact');
    await page.keyboard.press('Enter');
    await until(async () => (await labels()).length === 2, 'it is stored', 20_000);
    const stored = (await labels()).find(({ text }) => text === 'artifact');
    t.match(stored, { verdict: 'added', name: 'Ada' });
    t.equal(Math.round(((stored?.offsetTimeMicros ?? 0) - (stored?.onsetTimeMicros ?? 0)) / 1e6), 10);
    t.notOk('startFrequencyHz' in (stored ?? {}));
    await page.keyboard.press('Escape');
  });

  await t.test('dragged over on a page of the past: time and derivations', async (t) => {
    await page.goto(`${daemon.url}${hash}&at=${new Date(pushed.startTimeMicros / 1000 + 20_000).toISOString()}`);
    await page.waitForSelector('.bed-view-past-notice', { state: 'hidden', ...WAIT });
    await until(async () => (await page.locator('.bed-view-label-name').count()) === 4, 'the page', 20_000);
    await drag(page, '.bed-view-paper', [0.2, 0.3], [0.5, 0.55]);
    await page.locator('dialog.label-dialog[open]').waitFor();
    t.equal(await page.locator('#mark-derivations').inputValue(), 'C3, F4');
    await page.locator('#mark-text').fill('rhythm');
    await page.locator('dialog[open] .alarm-submit').click();
    await until(async () => (await labels()).length === 3, 'it is stored', 20_000);
    const stored = (await labels()).find(({ text }) => text === 'rhythm');
    t.same(stored?.derivations, ['C3', 'F4']);
    const fromSeconds = ((stored?.onsetTimeMicros ?? 0) - pushed.startTimeMicros) / 1e6;
    t.ok(fromSeconds > 20.5 && fromSeconds < 24, `${fromSeconds} s`);
    await until(async () => (await count(page, '.bed-view-paper canvas', DARK_GREEN)) > 200, 'it is marked', 20_000);
    if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, 'marked-past.png') });
  });

  await t.test('who has marked it takes it back, and nobody else', async (t) => {
    const row = board.locator('#events .event[data-state="added"]');
    await until(async () => (await row.count()) === 3, 'all three', 20_000);
    t.equal(await row.locator('button:has-text("Undo"):visible').count(), 3, 'the same browser has the same name');
    const stranger = await browser.newContext();
    const other = await stranger.newPage();
    await other.goto(daemon.url);
    const its = other.locator('#events .event[data-state="added"]');
    await until(async () => (await its.count()) === 3, 'all three, read from the daemon', 30_000);
    t.equal(await its.locator('button:has-text("Undo"):visible').count(), 0);
    for (let left = 2; left >= 0; left--) {
      await row.first().locator('.event-button').focus();
      await board.keyboard.press('u');
      await until(async () => (await row.count()) === left, `${left} are left`, 20_000);
    }
    await until(async () => (await its.count()) === 0, 'on the other board, too', 20_000);
    t.same(await labels(), []);
    await until(async () => (await count(board, '.tile-plot canvas:visible', GREEN)) === 0, 'nor on the tile', 20_000);
  });
  t.same(errors, []);
}

const executablePath = chromiumPath();
if (executablePath === undefined && process.env['CI'] === 'true') {
  t.fail('chromium is missing, and CI must have it');
} else {
  const skip = executablePath === undefined && 'no chromium here (apt-get install chromium)';
  void t.test('what the machine has missed, marked in a browser', { skip, timeout: 280_000 }, (t) =>
    run(t, executablePath ?? ''),
  );
}
