import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { OpenAlarm } from '../../daemon/protocol/messages.js';
import { until } from '../until.js';
import { startBoard } from './board-rig.js';
import { chromiumPath } from './browser.js';
import { feedAlarms } from './fed-alarms.js';
import { heardPulses, listen, pageMs } from './heard-pulses.js';
import { openAlarm } from './open-alarm.js';

/** The device of Bed 2 is missing: a technical alarm of medium priority. Chirps of Bed 1 are no alarms, however long this takes. */
function settings(directory: string): object {
  const beds = [
    { name: 'Bed 1', adapter: { kind: 'synthetic', seed: 1 } },
    { name: 'Bed 2', adapter: { kind: 'cyton', port: join(directory, 'no-such-port') } },
  ];
  return { alarms: { rules: [] }, beds };
}

interface BoardOptions {
  readonly fed?: () => readonly OpenAlarm[];
  readonly reducedMotion?: 'reduce';
  /** By how much this computer's clock is wrong, milliseconds. */
  readonly clockErrorMs?: number;
}

const errors: string[] = [];

async function openBoard(browser: Browser, url: string, options: BoardOptions = {}): Promise<Page> {
  const { fed, reducedMotion, clockErrorMs = 0 } = options;
  const viewport = { width: 1440, height: 900 };
  const page = await browser.newPage({ viewport, ...(reducedMotion && { reducedMotion }) });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await listen(page);
  await page.addInitScript((ms) => {
    const { now } = Date;
    Date.now = () => now() + ms;
  }, clockErrorMs);
  if (fed !== undefined) await feedAlarms(page, fed);
  await page.goto(url);
  await page.waitForSelector('#connection[data-state="live"]');
  return page;
}

const row = (code: string): string => `.alarm[data-code="${code}"]`;

async function untilHeard(page: Page, sinceMs: number, nPulses: number, timeoutMs: number): Promise<readonly number[]> {
  await until(async () => (await heardPulses(page, sinceMs)).length >= nPulses, `${String(nPulses)} pulses`, timeoutMs);
  return (await heardPulses(page, sinceMs)).map(({ hz }) => Math.round(hz));
}

async function run(t: Test, executablePath: string): Promise<void> {
  const { daemon, browser } = await startBoard(t, executablePath, settings);
  const page = await openBoard(browser, daemon.url);

  await t.test('a bed whose device is missing: sign, tile, title, icon, and sound after a gesture', async (t) => {
    await page.waitForSelector(row('BED_DEVICE_LOST'), { timeout: 20_000 });
    t.equal(await page.locator(`${row('BED_DEVICE_LOST')} .alarm-sign`).textContent(), '◆ Medium');
    t.equal(await page.locator('#alarms-technical .alarm').count(), 1);
    t.equal(await page.locator('#alarms-physiological').isVisible(), false);
    t.match(
      await page.locator(`${row('BED_DEVICE_LOST')} .alarm-since`).textContent(),
      /^since \d\d:\d\d:\d\d, \d+ s$/,
    );
    const tile = page.locator('.tile[data-alarm="medium"][data-calling="true"]');
    t.equal(await tile.locator('.tile-name').textContent(), 'Bed 2');
    t.equal(await tile.locator('.tile-head > *').first().textContent(), '◆ Medium', 'the sign stands first');
    t.match(await page.title(), /^◆ Medium: Bed 2 has lost its device.* - chirpd board$/);
    t.equal(await page.locator('link[rel="icon"]').getAttribute('href'), 'favicon-medium.svg');
    t.match(await page.locator('#sound-off').textContent(), /Sound is off: click to switch it on/);
    t.same(await heardPulses(page), [], 'no sound before a gesture');
    await page.locator('#sound-off').click();
    t.same(await untilHeard(page, 0, 3, 3000), [392, 392, 392]);
    await page.waitForTimeout(2000);
    t.equal((await heardPulses(page)).length, 3, 'three pulses, and no more for a while');
    t.equal(await page.locator('#sound-off').isVisible(), false);
  });

  await t.test('flashes at the frequencies of the standard, in step, and not where motion is unwelcome', async (t) => {
    const fed = (): OpenAlarm[] => [openAlarm({ priority: 'high' }), openAlarm({ id: 'low', priority: 'low' })];
    const shown = async (page: Page): Promise<Record<'high' | 'medium' | 'low', string[]>> => {
      await page.waitForSelector(`${row('CHIRP_RATE')}[data-alarm="low"]`);
      return page.evaluate(async () => {
        const seen = { high: [] as string[], medium: [] as string[], low: [] as string[] };
        for (const start = performance.now(); performance.now() < start + 5000;) {
          await new Promise(requestAnimationFrame);
          for (const priority of ['high', 'medium', 'low'] as const) {
            const sign = document.querySelector(`.alarm[data-alarm="${priority}"] .alarm-sign`);
            const colour = sign === null ? 'none' : getComputedStyle(sign).backgroundColor;
            if (seen[priority].at(-1) !== colour) seen[priority].push(colour);
          }
        }
        return seen;
      });
    };
    const moving = await openBoard(browser, daemon.url, { fed });
    const { high, medium, low } = await shown(moving);
    const hz = [high, medium].map((colours) => (colours.length - 1) / 2 / 5);
    t.comment(`high flashes at ${String(hz[0])} Hz, medium at ${String(hz[1])} Hz`);
    t.ok((hz[0] ?? 0) >= 1.4 && (hz[0] ?? 0) <= 2.8);
    t.ok((hz[1] ?? 0) >= 0.4 && (hz[1] ?? 0) <= 0.8);
    t.same([new Set(high).size, new Set(medium).size, low.length], [2, 2, 1], 'low is steady');
    const still = await openBoard(browser, daemon.url, { fed, reducedMotion: 'reduce' });
    t.same(await shown(still), {
      high: ['rgb(176, 18, 18)'],
      medium: ['rgb(255, 209, 59)'],
      low: ['rgb(127, 220, 240)'],
    });
    await Promise.all([moving.close(), still.close()]);
  });

  await t.test('an acknowledgement on one page shows on another within 500 ms', async (t) => {
    const other = await openBoard(browser, daemon.url);
    await other.waitForSelector(row('BED_DEVICE_LOST'));
    await page.locator(`${row('BED_DEVICE_LOST')} button`).click();
    await page.locator('#alarm-name').fill('Ada');
    await page.locator('#alarm-note').fill('cable is being changed');
    // Both pages have this computer's clock, and neither waits for the test.
    const seen = other.waitForFunction(
      () => document.querySelector('.alarm-answer')?.textContent?.includes('Ada') === true && Date.now(),
      undefined,
      { polling: 10 },
    );
    const clickedMs = await page.locator('#alarm-submit').evaluate((button: HTMLElement) => {
      button.click();
      return Date.now();
    });
    const elapsedMs = Number(await (await seen).jsonValue()) - clickedMs;
    t.comment(`seen on the other page ${elapsedMs.toFixed(0)} ms after the click`);
    t.ok(elapsedMs < 500);
    for (const each of [page, other]) {
      await each.waitForSelector('.alarm[data-calling="false"]');
      t.match(
        await each.locator('.alarm-answer').textContent(),
        /^acknowledged by Ada at \d\d:\d\d:\d\d: cable is being changed$/,
      );
      t.equal(await each.locator('.alarm .alarm-sign').textContent(), '◆ Medium, seen');
    }
    await other.reload();
    await page.waitForSelector('#alarm-dialog:not([open])', { state: 'attached' });
    t.equal(await page.evaluate(() => localStorage.getItem('chirpd.acknowledgedBy')), 'Ada', 'the name is kept');
    await other.close();
  });

  await t.test('a pause on this board, and a more urgent alarm that breaks through', async (t) => {
    const fed = [openAlarm()];
    const paused = await openBoard(browser, daemon.url, { fed: () => fed });
    await paused.locator('#sound-off').click();
    t.same(await untilHeard(paused, 0, 3, 5000), [523, 523, 523], 'patients sound higher than equipment');
    await paused.locator('#sound-pause').click();
    t.match(await paused.locator('#sound-paused').textContent(), /^Sound paused on this board only: (2:00|1:5\d)$/);
    fed.push(openAlarm({ id: 'b', bed: '', text: 'another of the same priority' }));
    await paused.waitForSelector('.alarm[data-id="b"]');
    await paused.waitForTimeout(4000);
    t.equal((await heardPulses(paused)).length, 3, 'which is not heard');
    t.match(await paused.locator('#sound-paused').textContent(), /1:5\d$/);
    const sinceMs = await pageMs(paused);
    fed.push(openAlarm({ id: 'c', priority: 'high', code: 'CHIRP_BURDEN' }));
    t.equal((await untilHeard(paused, sinceMs, 10, 6000)).length, 10, 'five pulses, twice');
    t.equal(await paused.locator('#sound-paused').isVisible(), false);
    const pulses = await heardPulses(paused, sinceMs);
    const steps = pulses.slice(1).map(({ atMs }, i) => Math.round(atMs - (pulses[i]?.atMs ?? 0)));
    t.comment(`from pulse to pulse: ${steps.join(', ')} ms`);
    await paused.locator('#sound-pause').click();
    await paused.locator('#sound-pause').click();
    await until(async () => (await heardPulses(paused, sinceMs)).length >= 20, 'it sounds as the pause is ended', 2000);
    await paused.close();
  });

  await t.test('thirty alarms scroll: their counts and the beds stay in sight', async (t) => {
    const priorities = ['high', 'medium', 'low'] as const;
    const fed = Array.from({ length: 30 }, (_, i) =>
      openAlarm({ id: String(i), priority: priorities[i % 3] ?? 'low' }),
    );
    const full = await openBoard(browser, daemon.url, { fed: () => fed });
    await full.waitForFunction(() => document.querySelectorAll('.alarm').length === 31);
    t.same(await full.locator('#alarm-counts .alarm-sign:visible').allTextContents(), [
      '▲ 10 High',
      '◆ 11 Medium',
      '● 10 Low',
    ]);
    for (const [width, height] of [
      [1440, 900],
      [390, 844],
    ] as const) {
      await full.setViewportSize({ width, height });
      await full.waitForTimeout(300);
      const top = (await full.locator('.tile').first().boundingBox())?.y ?? height;
      t.ok(top < 0.6 * height, `the beds begin at ${top.toFixed(0)} of ${String(height)}`);
    }
    await full.evaluate(() => {
      scrollTo(0, 1e6);
    });
    t.ok(((await full.locator('#alarm-counts').boundingBox())?.y ?? -1) >= 0, 'the counts stay at the top of a phone');
    await full.close();
  });

  await t.test(
    'a daemon that is frozen: told within 5 s, with sound, on a computer whose clock is wrong',
    async (t) => {
      const wrong = await openBoard(browser, daemon.url, { clockErrorMs: 3600e3 });
      await wrong.locator('#sound-off').click();
      await wrong.waitForTimeout(1000);
      t.same(await heardPulses(wrong), [], 'the alarm that somebody has acknowledged is silent');
      const sinceMs = await pageMs(wrong);
      daemon.signal('SIGSTOP');
      await wrong.waitForSelector(row('BOARD_NOT_CONNECTED'), { timeout: 10_000 });
      const toldMs = (await pageMs(wrong)) - sinceMs;
      const hz = await untilHeard(wrong, sinceMs, 10, 5000);
      const soundMs = ((await heardPulses(wrong, sinceMs))[0]?.atMs ?? 0) - sinceMs;
      t.comment(`told after ${toldMs.toFixed(0)} ms, heard after ${soundMs.toFixed(0)} ms`);
      t.ok(toldMs < 5000 && soundMs < 5000);
      t.equal(hz[0], 392);
      t.match(await wrong.title(), /^▲ High \(\+1\): This board does not hear the daemon/);
      const since = (await wrong.locator(`${row('BOARD_NOT_CONNECTED')} .alarm-since`).textContent()) ?? '';
      t.match(since, /, \d s$/, 'for so long by the daemon’s clock');
      const asOf = (await wrong.locator('#alarms-as-of').textContent()) ?? '';
      t.equal(/(\d\d):/.exec(asOf)?.[1], /(\d\d):/.exec(since)?.[1], 'and since then');
      await wrong.locator(`${row('BOARD_NOT_CONNECTED')} button`).click();
      await wrong.locator('#alarm-name').fill('Ada');
      await wrong.locator('#alarm-submit').click();
      await wrong.waitForSelector(`${row('BOARD_NOT_CONNECTED')}[data-calling="false"]`);
      t.equal(await wrong.locator(`${row('BED_DEVICE_LOST')} button`).isVisible(), false);
      daemon.signal('SIGCONT');
      const thawedMs = performance.now();
      await wrong.waitForSelector(row('BOARD_NOT_CONNECTED'), { state: 'detached', timeout: 15_000 });
      t.comment(`over ${(performance.now() - thawedMs).toFixed(0)} ms after the daemon went on`);
      await wrong.close();
    },
  );

  await t.test('a page that slept says since when it knew nothing', async (t) => {
    // A dialog of the browser's stops everything on a page, as sleep does.
    page.once('dialog', (dialog) => {
      setTimeout(() => void dialog.accept(), 6500);
    });
    await page.evaluate(() => {
      alert('sleep');
    });
    await page.waitForSelector('#alarm-notice:visible', { timeout: 5000 });
    t.match(
      await page.locator('#alarm-notice-text').textContent(),
      /^This board was asleep and knew nothing from \d\d:\d\d:\d\d to \d\d:\d\d:\d\d \([67](\.\d)? s\)\.$/,
    );
    await page.locator('#alarm-notice-seen').click();
    t.equal(await page.locator('#alarm-notice').isVisible(), false);
    await page.waitForSelector(row('BOARD_NOT_CONNECTED'), { state: 'detached' });
  });

  t.same(errors, [], 'no errors on any page while the daemon was there');

  await t.test('without a daemon: its loss is told, and the sound can be checked', async (t) => {
    const sinceMs = await pageMs(page);
    await daemon.kill();
    await page.waitForSelector(row('BOARD_NOT_CONNECTED'), { timeout: 5000 });
    await untilHeard(page, sinceMs, 10, 5000);
    await page.locator('#sound-pause').click();
    // Until the burst would be over that the pause has cut off.
    await page.waitForTimeout(4000);
    const checkedMs = await pageMs(page);
    await page.locator('#sound-check').click();
    t.equal((await untilHeard(page, checkedMs, 14, 5000)).length, 14, 'one, three and ten pulses');
    const pulses = await heardPulses(page, checkedMs);
    t.equal(pulses.filter(({ atMs }) => atMs < checkedMs + 1000).length, 1);
  });
}

const executablePath = chromiumPath();
if (executablePath === undefined && process.env['CI'] === 'true') {
  t.fail('chromium is missing, and CI must have it');
} else {
  const skip = executablePath === undefined && 'no chromium here (apt-get install chromium)';
  void t.test('alarms in a browser', { skip, timeout: 280_000 }, (t) => run(t, executablePath ?? ''));
}
